//! Static files (`enable_static_handler`), served without the script.

use std::fs::File;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::SystemTime;

use protocol::http1::response::push_error;
use protocol::http1::{DateCache, Framing, KnownHeader, Method, ResponseContext, ResponseEncoder};
use protocol::range::{self, ByteRange, RangeVerdict};
use protocol::{mime, static_file};

use super::data::RequestData;
use super::http2::{Stream, add_field};
use super::settings::{HttpSettings, RewriteRule};
use crate::php::mime::{is_known, type_of};
use crate::server::Conn;

/// Where the answer goes.
#[derive(Clone, Copy)]
pub enum To<'a> {
    Conn(&'a Rc<Conn>),
    Stream(&'a Stream),
}

/// Serves the request from the document root. False: the script's business.
pub fn serve(conn: To<'_>, data: &RequestData) -> bool {
    let Some(settings) = data.settings.clone() else { return false };
    match find(&settings, data) {
        Found::Script => false,
        Found::Missing => {
            let mut answer = Answer::new(404, b"text/html");
            answer.body = Content::Bytes(
                b"<html><head><title>404 Not Found</title></head><body><h1>404 Not Found</h1></body></html>".to_vec(),
            );
            answer.send(conn, data);
            true
        }
        Found::File(path, file) => {
            file_answer(data, &path, file).send(conn, data);
            true
        }
        Found::Listing(path, shown) => {
            let mut answer = Answer::new(200, b"text/html");
            answer.body = Content::Bytes(listing(&path, &shown));
            answer.send(conn, data);
            true
        }
    }
}

enum Found {
    Script,
    Missing,
    File(PathBuf, File),
    Listing(PathBuf, String),
}

fn find(settings: &HttpSettings, data: &RequestData) -> Found {
    let mut path = data.head.path.of(&data.raw).to_vec();
    rewrite(&mut path, &settings.rewrite_rules);
    let named = !settings.static_locations.is_empty();
    if named && !static_file::in_locations(&path, settings.static_locations.iter().map(Vec::as_slice)) {
        return Found::Script;
    }
    let missing = || if named { Found::Missing } else { Found::Script };
    let root = Path::new(&settings.document_root);
    let mut full = match static_file::relative_path(&path) {
        Ok(relative) => root.join(std::ffi::OsStr::from_bytes(&relative)),
        // Out of the root and back in again is allowed, out of it is not.
        Err(static_file::PathError::Escape) => match back_inside(root, &path) {
            Some(full) => full,
            None => return missing(),
        },
        Err(_) => return missing(),
    };
    let Ok(mut found) = std::fs::metadata(&full) else { return missing() };
    if path.ends_with(b"/") && !found.is_dir() {
        return missing();
    }
    let mut listed = false;
    if found.is_dir() {
        let index = settings.index_files.iter().map(|name| full.join(name)).find(|path| path.is_file());
        match index {
            Some(index) => {
                full = index;
                match std::fs::metadata(&full) {
                    Ok(file) => found = file,
                    Err(_) => return missing(),
                }
            }
            None if settings.autoindex => listed = true,
            None => return Found::Script,
        }
    }
    // Dots cannot leave the root any more; a symbolic link below it may, as whoever made it wished.
    if listed {
        let mut shown = String::from_utf8_lossy(&path).into_owned();
        if !shown.ends_with('/') {
            shown.push('/');
        }
        return Found::Listing(full, shown);
    }
    if !found.is_file() || !(named || is_known(full.as_os_str().as_bytes())) {
        return Found::Script;
    }
    match File::open(&full) {
        Ok(file) => Found::File(full, file),
        Err(_) => missing(),
    }
}

fn back_inside(root: &Path, path: &[u8]) -> Option<PathBuf> {
    let decoded = protocol::percent::raw_url_decode(path);
    if decoded.contains(&0) {
        return None;
    }
    let relative = std::ffi::OsStr::from_bytes(decoded.trim_ascii_start().strip_prefix(b"/")?);
    let full = std::fs::canonicalize(root.join(relative)).ok()?;
    full.starts_with(root).then_some(full)
}

fn rewrite(path: &mut Vec<u8>, rules: &[RewriteRule]) {
    for rule in rules {
        match rule {
            RewriteRule::Prefix(from, to) => {
                if path.starts_with(from) {
                    *path = [to, &path[from.len()..]].concat();
                    return;
                }
            }
            RewriteRule::Pattern(pattern, to) => {
                if pattern.is_match(path) {
                    let changed = pattern.replace_all(path, to.as_slice()).into_owned();
                    if changed != *path {
                        *path = changed;
                        return;
                    }
                }
            }
        }
    }
}

enum Content {
    None,
    Bytes(Vec<u8>),
    /// Ranges of a file, each behind what stands before it, and the end.
    File(File, Vec<(Vec<u8>, ByteRange)>, Vec<u8>),
}

struct Answer {
    status: u16,
    kind: Vec<u8>,
    fields: Vec<(&'static [u8], Vec<u8>)>,
    body: Content,
}

const BOUNDARY: &[u8] = b"swoole-rs-byteranges-4d7a1c";

fn file_answer(data: &RequestData, path: &Path, file: File) -> Answer {
    let (size, modified) = match file.metadata() {
        Ok(found) => (found.len(), found.modified().unwrap_or(SystemTime::UNIX_EPOCH)),
        Err(_) => (0, SystemTime::UNIX_EPOCH),
    };
    let kind = type_of(path.as_os_str().as_bytes());
    let kind = if kind.is_empty() { mime::OCTET_STREAM.as_bytes().to_vec() } else { kind };
    let etag = static_file::etag(modified, size).into_bytes();
    let seconds = modified.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let mut answer = Answer::new(200, &kind);
    answer.fields.push((b"Last-Modified", DateCache::default().at(seconds).to_vec()));
    answer.fields.push((b"ETag", etag.clone()));
    if static_file::not_modified(data.known(KnownHeader::IfNoneMatch), data.known(KnownHeader::IfModifiedSince), &etag, modified)
    {
        answer.status = 304;
        return answer;
    }
    let verdict = match data.known(KnownHeader::Range) {
        Some(header) if static_file::range_applies(data.known(KnownHeader::IfRange), &etag, modified) => {
            range::judge(header, size)
        }
        _ => RangeVerdict::Whole,
    };
    match verdict {
        RangeVerdict::Whole => {
            answer.fields.push((b"Accept-Ranges", b"bytes".to_vec()));
            if size > 0 {
                answer.body = Content::File(file, vec![(Vec::new(), ByteRange { start: 0, end: size })], Vec::new());
            }
        }
        RangeVerdict::One(range) => {
            let mut text = Vec::new();
            range::push_content_range(&mut text, range, size);
            answer.status = 206;
            answer.fields.push((b"Content-Range", text));
            answer.body = Content::File(file, vec![(Vec::new(), range)], Vec::new());
        }
        RangeVerdict::Many(ranges) => {
            answer.status = 206;
            let mut parts = Vec::new();
            for range in ranges {
                let mut head = Vec::new();
                range::push_part_head(&mut head, parts.is_empty(), BOUNDARY, &kind, range, size);
                parts.push((head, range));
            }
            let mut end = Vec::new();
            range::push_parts_end(&mut end, BOUNDARY);
            answer.kind = [b"multipart/byteranges; boundary=", BOUNDARY].concat();
            answer.body = Content::File(file, parts, end);
        }
        RangeVerdict::Unsatisfiable => {
            let mut text = Vec::new();
            range::push_unsatisfied_range(&mut text, size);
            answer.status = 416;
            answer.fields.push((b"Content-Range", text));
        }
    }
    answer
}

impl Answer {
    fn new(status: u16, kind: &[u8]) -> Self {
        Self { status, kind: kind.to_vec(), fields: Vec::new(), body: Content::None }
    }

    fn send(self, to: To<'_>, data: &RequestData) {
        match to {
            To::Conn(conn) => self.send_http1(conn, data),
            To::Stream(stream) => self.send_http2(stream, data),
        }
    }

    fn send_http2(self, stream: &Stream, data: &RequestData) {
        let mut fields = http::HeaderMap::new();
        for (name, value) in &self.fields {
            add_field(&mut fields, name, value);
        }
        add_field(&mut fields, b"content-type", &self.kind);
        add_field(&mut fields, b"server", b"swoole-http-server");
        let mut body = Vec::new();
        match self.body {
            Content::None => {}
            Content::Bytes(bytes) => body = bytes,
            Content::File(file, parts, end) => {
                for (head, range) in parts {
                    body.extend_from_slice(&head);
                    let at = body.len();
                    body.resize(at + range.len() as usize, 0);
                    if file.read_exact_at(&mut body[at..], range.start).is_err() {
                        body.truncate(at);
                    }
                }
                body.extend_from_slice(&end);
            }
        }
        add_field(&mut fields, b"content-length", body.len().to_string().as_bytes());
        if data.head.method == Method::Head {
            body.clear();
        }
        stream.answer(self.status, fields, body.into(), None);
    }

    fn send_http1(self, conn: &Rc<Conn>, data: &RequestData) {
        let length = match &self.body {
            Content::None => 0,
            Content::Bytes(bytes) => bytes.len() as u64,
            Content::File(_, parts, end) => {
                parts.iter().map(|(head, range)| head.len() as u64 + range.len()).sum::<u64>() + end.len() as u64
            }
        };
        let mut out = Vec::with_capacity(512);
        let Ok(mut encoder) = ResponseEncoder::begin(&mut out, self.status, None) else {
            push_error(&mut out, 500);
            let _ = conn.write(&out);
            return;
        };
        for (name, value) in &self.fields {
            let _ = encoder.header(name, value);
        }
        let seconds = crate::server::now_us() / 1_000_000;
        let mut date = DateCache::default();
        let outcome = encoder.finish(
            Framing::Length(length),
            &ResponseContext {
                head_request: data.head.method == Method::Head,
                http10: false,
                keep_alive: data.head.keep_alive,
                date: date.at(seconds),
                server: b"swoole-http-server",
                content_type: &self.kind,
            },
        );
        match self.body {
            Content::Bytes(bytes) if outcome.body => {
                out.extend_from_slice(&bytes);
                let _ = conn.write(&out);
            }
            Content::File(file, parts, end) if outcome.body => {
                for (head, range) in parts {
                    out.extend_from_slice(&head);
                    let _ = conn.write(&out);
                    out.clear();
                    if let Ok(file) = file.try_clone() {
                        let _ = conn.send_file(file, range.start, range.len() as usize);
                    }
                }
                if !end.is_empty() {
                    let _ = conn.write(&end);
                }
            }
            _ => {
                let _ = conn.write(&out);
            }
        }
        if !outcome.keep_alive {
            conn.close();
        }
    }
}

fn listing(path: &Path, shown: &str) -> Vec<u8> {
    let escape = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    let mut names: Vec<String> = std::fs::read_dir(path)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    if shown != "/" {
        names.insert(0, "..".to_owned());
    }
    let title = escape(shown);
    let mut page = format!(
        "<!DOCTYPE html>\n<html>\n<head><meta charset=\"UTF-8\"><title>Index of {title}</title></head>\n<body>\n<h1>Index of {title}</h1>\n<ul>\n"
    );
    for name in &names {
        let mut link = Vec::new();
        protocol::percent::url_encode(name.as_bytes(), &mut link);
        let link = String::from_utf8_lossy(&link).replace('+', "%20");
        page.push_str(&format!("<li><a href=\"{title}{link}\">{}</a></li>\n", escape(name)));
    }
    page.push_str("</ul>\n</body>\n</html>\n");
    page.into_bytes()
}
