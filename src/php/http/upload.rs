//! Multipart bodies: fields, and files spooled to `upload_tmp_dir`.

use std::fs::File;
use std::io::Write;
use std::os::fd::FromRawFd;
use std::os::unix::ffi::OsStringExt;

use protocol::form::{Array, Limits};
use protocol::multipart::{self, Event, Multipart, MultipartError, PartHead};

use crate::zend::lazy;

/// PHP's `UPLOAD_ERR_*`.
const OK: i64 = 0;
const NO_FILE: i64 = 4;
const NO_TMP_DIR: i64 = 6;
const CANT_WRITE: i64 = 7;

/// A leaf of `$request->files`.
#[derive(Clone, Debug)]
pub enum Leaf {
    Text(Vec<u8>),
    Number(i64),
    /// A file, where the shape is the form's own.
    File(Box<FileLeaf>),
}

/// What `$request->files` tells of one file.
#[derive(Clone, Debug)]
pub struct FileLeaf {
    pub kind: Vec<u8>,
    pub path: Vec<u8>,
    pub size: i64,
    pub name: Vec<u8>,
    pub error: i64,
}

/// A parsed body. Its files go when it does, unless the script moved them.
pub struct Upload {
    pub fields: Array<Vec<u8>>,
    pub files: Array<Leaf>,
    pub paths: Vec<Vec<u8>>,
}

impl Drop for Upload {
    fn drop(&mut self) {
        for path in &self.paths {
            lazy::upload_remove(path);
            let _ = std::fs::remove_file(std::ffi::OsString::from_vec(path.clone()));
        }
    }
}

/// The value of `boundary` in what follows the media type.
pub fn boundary(parameters: &[u8]) -> Option<&[u8]> {
    const NAME: &[u8] = b"boundary=";
    let at = parameters.windows(NAME.len()).position(|part| part.eq_ignore_ascii_case(NAME))?;
    let value = &parameters[at + NAME.len()..];
    let value = match value.strip_prefix(b"\"") {
        Some(quoted) => &quoted[..quoted.iter().position(|byte| *byte == b'"')?],
        None => value.split(|byte| matches!(byte, b';' | b',')).next().unwrap_or_default().trim_ascii(),
    };
    (!value.is_empty()).then_some(value)
}

enum Part {
    None,
    Field { name: Vec<u8>, value: Vec<u8> },
    File { head: PartHead, file: Option<File>, path: Vec<u8>, size: i64, error: i64 },
}

/// Takes a body apart as it comes.
pub struct Spool {
    parser: Multipart,
    tmp_dir: String,
    upload: Upload,
    part: Part,
    vars: usize,
    max_vars: usize,
    max_nesting: usize,
    /// `http_parse_files`: lists of files turned round, as PHP does it.
    turned: bool,
    done: bool,
    /// Bytes that the parser wants to see again, with more behind them.
    kept: Vec<u8>,
    /// Field bytes so far: what is held in memory.
    pub held: usize,
}

impl Spool {
    pub fn new(boundary: &[u8], tmp_dir: &str, turned: bool, limits: &Limits<'_>) -> Result<Self, MultipartError> {
        Ok(Self {
            parser: Multipart::new(boundary, multipart::Limits::default())?,
            tmp_dir: tmp_dir.to_owned(),
            upload: Upload { fields: Array::new(), files: Array::new(), paths: Vec::new() },
            part: Part::None,
            vars: 0,
            max_vars: limits.max_vars,
            max_nesting: limits.max_nesting,
            turned,
            done: false,
            kept: Vec::new(),
            held: 0,
        })
    }

    /// # Errors
    /// What is no multipart body.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), MultipartError> {
        if self.kept.is_empty() {
            let used = self.feed(bytes)?;
            self.kept.extend_from_slice(&bytes[used..]);
        } else {
            let mut kept = std::mem::take(&mut self.kept);
            kept.extend_from_slice(bytes);
            let used = self.feed(&kept)?;
            kept.drain(..used);
            self.kept = kept;
        }
        Ok(())
    }

    fn feed(&mut self, bytes: &[u8]) -> Result<usize, MultipartError> {
        let mut at = 0;
        while !self.done {
            let step = self.parser.next(&bytes[at..])?;
            match step.event {
                Event::NeedMore => {
                    at += step.consumed;
                    break;
                }
                Event::PartHead(head) => self.begin(head),
                Event::Data(range) => self.data(&bytes[at + range.start..at + range.end]),
                Event::PartEnd => self.end(),
                Event::End => self.done = true,
            }
            at += step.consumed;
        }
        Ok(if self.done { bytes.len() } else { at })
    }

    /// The parts that are whole. Of a body that ended in its middle, those before that.
    ///
    /// # Errors
    /// No part ever began.
    pub fn finish(self) -> Result<Upload, MultipartError> {
        if !self.parser.began() {
            return Err(MultipartError::Truncated);
        }
        Ok(self.upload)
    }

    fn begin(&mut self, mut head: PartHead) {
        // Browsers percent-encode quotes and line ends in names; Swoole decodes whatever is encoded.
        for text in [&mut head.name, &mut head.filename].into_iter().flatten() {
            if text.contains(&b'%') {
                *text = protocol::percent::raw_url_decode(text);
            }
        }
        let Some(name) = head.name.clone() else {
            self.part = Part::None;
            return;
        };
        self.vars += 1;
        if self.vars > self.max_vars {
            self.part = Part::None;
            return;
        }
        self.part = match &head.filename {
            None => Part::Field { name, value: Vec::new() },
            Some(filename) if filename.is_empty() => Part::File { head, file: None, path: Vec::new(), size: 0, error: NO_FILE },
            Some(_) => match create(&self.tmp_dir) {
                Some((file, path)) => {
                    lazy::upload_add(&path);
                    self.upload.paths.push(path.clone());
                    Part::File { head, file: Some(file), path, size: 0, error: OK }
                }
                None => Part::File { head, file: None, path: Vec::new(), size: 0, error: NO_TMP_DIR },
            },
        };
    }

    fn data(&mut self, bytes: &[u8]) {
        match &mut self.part {
            Part::None => {}
            Part::Field { value, .. } => {
                self.held += bytes.len();
                value.extend_from_slice(bytes);
            }
            Part::File { file, size, error, .. } => {
                if let Some(open) = file {
                    match open.write_all(bytes) {
                        Ok(()) => *size += bytes.len() as i64,
                        Err(_) => (*file, *error) = (None, CANT_WRITE),
                    }
                }
            }
        }
    }

    fn end(&mut self) {
        match std::mem::replace(&mut self.part, Part::None) {
            Part::None => {}
            Part::Field { name, value } => {
                let _ = self.upload.fields.register(&name, value, self.max_nesting);
            }
            Part::File { head, path, size, error, .. } => {
                let name = head.name.unwrap_or_default();
                let kind = if error == NO_FILE { Vec::new() } else { head.content_type.unwrap_or_default() };
                let file = FileLeaf { kind, path, size, name: head.filename.unwrap_or_default(), error };
                match name.iter().position(|byte| *byte == b'[').filter(|at| *at > 0 && self.turned) {
                    None => {
                        let _ = self.upload.files.register(&name, Leaf::File(Box::new(file)), self.max_nesting);
                    }
                    Some(split) => {
                        let fields = [
                            ("name", Leaf::Text(file.name)),
                            ("type", Leaf::Text(file.kind)),
                            ("tmp_name", Leaf::Text(file.path)),
                            ("error", Leaf::Number(file.error)),
                            ("size", Leaf::Number(file.size)),
                        ];
                        for (key, leaf) in fields {
                            // `a[b]` becomes `a[name][b]`, as PHP turns lists of files round.
                            let full = [&name[..split], b"[", key.as_bytes(), b"]", &name[split..]].concat();
                            let _ = self.upload.files.register(&full, leaf, self.max_nesting + 1);
                        }
                    }
                }
            }
        }
    }
}

/// A new file of a name that nobody has.
fn create(dir: &str) -> Option<(File, Vec<u8>)> {
    let mut path = format!("{dir}/swoole.upfile.XXXXXX").into_bytes();
    path.push(0);
    // SAFETY: a writable C string whose last six characters are X (mkostemp(3)).
    let fd = unsafe { libc::mkostemp(path.as_mut_ptr().cast(), libc::O_CLOEXEC) };
    if fd < 0 {
        return None;
    }
    path.pop();
    // SAFETY: a new descriptor of ours alone.
    Some((unsafe { File::from_raw_fd(fd) }, path))
}
