//! Where a body goes: decompressed, into a string, a file, or the program's own function.

use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;

use super::*;
use crate::zend::Ended;

/// `Content-Encoding`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    Gzip,
    Deflate,
    Brotli,
    Zstd,
}

impl Encoding {
    pub fn parse(value: &[u8]) -> Option<Self> {
        let known: [(&[u8], Self); 5] = [
            (b"br", Self::Brotli),
            (b"gzip", Self::Gzip),
            (b"x-gzip", Self::Gzip),
            (b"deflate", Self::Deflate),
            (b"zstd", Self::Zstd),
        ];
        known
            .iter()
            .find(|(name, _)| value.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name)))
            .map(|(_, kind)| *kind)
    }
}

/// A decompressor; its output gathers in the `Vec` it owns.
enum Decoder {
    Gzip(flate2::write::MultiGzDecoder<Vec<u8>>),
    Zlib(flate2::write::ZlibDecoder<Vec<u8>>),
    Raw(flate2::write::DeflateDecoder<Vec<u8>>),
    Brotli(Box<brotli::DecompressorWriter<Vec<u8>>>),
    Zstd(Box<zstd::stream::write::Decoder<'static, Vec<u8>>>),
}

impl Decoder {
    fn new(encoding: Encoding) -> Option<Self> {
        Some(match encoding {
            Encoding::Gzip => Self::Gzip(flate2::write::MultiGzDecoder::new(Vec::new())),
            Encoding::Deflate => Self::Zlib(flate2::write::ZlibDecoder::new(Vec::new())),
            Encoding::Brotli => Self::Brotli(Box::new(brotli::DecompressorWriter::new(Vec::new(), 16 * 1024))),
            Encoding::Zstd => Self::Zstd(Box::new(zstd::stream::write::Decoder::new(Vec::new()).ok()?)),
        })
    }

    /// Appends what `piece` unpacks to.
    fn push(&mut self, piece: &[u8], out: &mut Vec<u8>) -> std::io::Result<()> {
        fn run(writer: &mut impl Write, piece: &[u8]) -> std::io::Result<()> {
            writer.write_all(piece)?;
            writer.flush()
        }
        let made = match self {
            Self::Gzip(decoder) => {
                run(decoder, piece)?;
                decoder.get_mut()
            }
            Self::Zlib(decoder) => {
                run(decoder, piece)?;
                decoder.get_mut()
            }
            Self::Raw(decoder) => {
                run(decoder, piece)?;
                decoder.get_mut()
            }
            Self::Brotli(decoder) => {
                run(decoder, piece)?;
                decoder.get_mut()
            }
            Self::Zstd(decoder) => {
                run(decoder, piece)?;
                decoder.get_mut()
            }
        };
        out.append(made);
        Ok(())
    }
}

/// Gathers a body.
pub(super) struct Sink {
    encoding: Option<Encoding>,
    decoder: Option<Decoder>,
    /// Decompressing has failed: the rest is kept as it came.
    broken: bool,
    body: Vec<u8>,
    file: Option<File>,
}

impl Sink {
    pub fn new(encoding: Option<Encoding>) -> Self {
        Self { encoding, decoder: None, broken: false, body: Vec::new(), file: None }
    }

    /// So many bytes are announced: room is made for them, within reason.
    pub fn announce(&mut self, length: u64) {
        self.body.reserve(usize::try_from(length).unwrap_or(usize::MAX).min(1 << 20));
    }

    pub fn body(&self) -> &[u8] {
        &self.body
    }

    pub fn has_file(&self) -> bool {
        self.file.is_some()
    }

    fn push(&mut self, piece: &[u8]) {
        let Some(encoding) = self.encoding.filter(|_| !self.broken) else {
            self.body.extend_from_slice(piece);
            return;
        };
        let first = self.decoder.is_none();
        if first {
            self.decoder = Decoder::new(encoding);
        }
        let before = self.body.len();
        let mut result = self.decoder.as_mut().map(|decoder| decoder.push(piece, &mut self.body));
        if first && encoding == Encoding::Deflate && matches!(result, Some(Err(_))) {
            // Some servers take "deflate" for the bare format, without zlib's frame.
            let mut raw = Decoder::Raw(flate2::write::DeflateDecoder::new(Vec::new()));
            result = Some(raw.push(piece, &mut self.body));
            self.decoder = Some(raw);
        }
        if !matches!(result, Some(Ok(()))) {
            crate::log::warning("decompress_response", None, "the body's compressed data is malformed");
            self.broken = true;
            self.body.truncate(before);
            self.body.extend_from_slice(piece);
        }
    }
}

/// Bytes that wait for the disk before they are written.
const WRITE: usize = 256 * 1024;

impl Client {
    /// Takes a piece of the body. False when it cannot be taken: the file is not writable, or the program's
    /// function threw.
    pub(super) fn deliver(&self, this: &mut ZendObject, sink: &mut Sink, piece: &[u8]) -> PhpResult<bool> {
        let function = self.write_func.borrow().clone();
        if let Some(function) = function {
            return self.call_function(this, &function, piece);
        }
        sink.push(piece);
        if this.slot(DOWNLOAD_FILE).is_null() || sink.body.is_empty() {
            return Ok(true);
        }
        if sink.file.is_none() {
            let Some(name) = this.slot(DOWNLOAD_FILE).to_zstr() else { return Ok(false) };
            let offset = this.slot(DOWNLOAD_OFFSET).to_long();
            match open(&name, offset) {
                Ok(file) => sink.file = Some(file),
                Err(error) => {
                    let name = String::from_utf8_lossy(&name);
                    crate::log::warning("http_parser_on_body", error.raw_os_error(), &format!("open({name}) for writing failed"));
                    return Ok(false);
                }
            }
            self.downloaded.set(true);
        }
        if sink.body.len() < WRITE {
            return Ok(true);
        }
        self.flush(sink)
    }

    /// Writes what has gathered, on the blocking pool.
    fn flush(&self, sink: &mut Sink) -> PhpResult<bool> {
        let Some(mut file) = sink.file.take() else { return Ok(true) };
        let mut bytes = std::mem::take(&mut sink.body);
        if bytes.is_empty() {
            sink.file = Some(file);
            return Ok(true);
        }
        let write = move || {
            let result = file.write_all(&bytes);
            bytes.clear();
            (file, bytes, result)
        };
        let done = if coroutine::in_coroutine() { coroutine::blocking(write) } else { Some(write()) };
        after_wait()?;
        let Some((file, bytes, result)) = done else { return Ok(false) };
        sink.file = Some(file);
        sink.body = bytes;
        Ok(result.is_ok())
    }

    pub(super) fn finish_download(&self, sink: &mut Sink) -> PhpResult<bool> {
        self.flush(sink)
    }

    fn call_function(&self, this: &mut ZendObject, function: &Callable, piece: &[u8]) -> PhpResult<bool> {
        let mut args = [Value::object(this).into_zval(), Value::string(piece).into_zval()];
        self.in_callback.set(true);
        let (ended, value) = function.call(&mut args);
        self.in_callback.set(false);
        if ended == Ended::Bailout {
            link::settle(ended)?;
        }
        for arg in args {
            drop(Value::from_zval(arg));
        }
        drop(value);
        ended.result()?;
        after_wait()?;
        Ok(true)
    }
}

fn open(name: &[u8], offset: i64) -> std::io::Result<File> {
    let name = String::from_utf8_lossy(name);
    let mut file = std::fs::OpenOptions::new().create(true).write(true).truncate(offset == 0).mode(0o664).open(&*name)?;
    if offset > 0 {
        file.seek(SeekFrom::Start(offset as u64))?;
    }
    Ok(file)
}
