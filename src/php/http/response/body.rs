//! The body of a response: in pieces, whole, or out of a file.

use std::fs::File;
use std::os::unix::ffi::OsStrExt;
use std::rc::Rc;

use super::{BadHeader, HEADER, State, link_of, make_array, put_header, writable};
use crate::php::code::Code;
use crate::php::http::head::{self, Body};
use crate::php::http::http2::Stream;
use crate::php::http::link::Link;
use crate::php::http::upgrade;
use crate::php::report::{self, Line};
use crate::php::server::dispatch::check;
use crate::zend::error::E_WARNING;
use crate::zend::{Call, ObjectExt, PhpResult, Value, ZStr, ZendObject, Zval, ZvalExt};

/// Tells of a header that could not be sent. A user's error handler may run: nothing is owned here.
fn tell_bad_header(state: &State) {
    let bad = state.progress.get().bad_header;
    if bad != BadHeader::default() {
        state.update(|progress| progress.bad_header = BadHeader::default());
        bad.tell();
    }
}

/// `Response::write(string $content): bool`
pub fn write(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let content = call.args(1, 1)?.bytes()?;
    let this = call.this();
    let Some(state) = writable(this, ret) else { return Ok(()) };
    // Pieces are sent as they are: a compressed stream would hold them back.
    state.coding.set(None);
    let sent = send_piece(this, state, content);
    tell_bad_header(state);
    if content.is_empty() {
        report::with_code(E_WARNING, Code::NO_PAYLOAD, "the data sent must not be empty");
        ret.set_bool(false);
    } else {
        ret.set_bool(sent);
    }
    check()
}

/// Sends a piece of a body of unknown total, the head before it if that is still to go.
fn send_piece(this: &mut ZendObject, state: &State, content: &[u8]) -> bool {
    let link = link_of(state);
    if let Link::Stream(stream) = &link {
        if !state.progress.get().head_sent {
            let (status, fields, _) = head::fields(this, state, Body::Stream);
            if !stream.head(status, fields) {
                return false;
            }
            state.update(|progress| (progress.head_sent, progress.streaming) = (true, true));
        }
        return content.is_empty() || stream.piece(content);
    }
    let mut out = head::scratch();
    let fresh = !state.progress.get().head_sent;
    if fresh {
        head::build(&mut out, this, state, Body::Stream);
    }
    let progress = state.progress.get();
    let sent = if progress.bodyless || content.is_empty() {
        out.is_empty() || link.write(&[&out])
    } else if progress.chunked {
        protocol::http1::response::push_chunk_size(&mut out, content.len() as u64);
        link.write(&[&out, content, b"\r\n"])
    } else {
        link.write(&[&out, content])
    };
    if fresh && !sent {
        state.update(|progress| (progress.head_sent, progress.streaming) = (false, false));
    }
    head::give_scratch(out);
    sent
}

/// `Response::end(?string $content = null): bool`
pub fn end(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(0, 1)?;
    let content = args.opt_bytes_or_null()?;
    let this = call.this();
    let Some(state) = writable(this, ret) else { return Ok(()) };
    ret.set_bool(finish(this, state, content));
    tell_bad_header(state);
    check()
}

/// Sends the whole answer, or what is left of it.
pub fn finish(this: &mut ZendObject, state: &State, content: Option<&[u8]>) -> bool {
    let mut content = content.unwrap_or_default();
    drop(state.share.take());
    let link = link_of(state);
    if let Link::Stream(stream) = &link {
        return finish_stream(this, state, stream, content);
    }
    // A length of the program's own that is shorter than the body counts: no more than that is sent.
    if let Some(length) = head::own_length(this).filter(|length| *length < content.len() && state.coding.get().is_none()) {
        content = &content[..length];
    }
    let progress = state.progress.get();
    if progress.upgrade && state.status.get() != 101 {
        // A refused handshake ends the connection.
        state.update(|progress| progress.keep_alive = false);
    } else if progress.upgrade && !progress.streaming {
        upgrade::choose_extension(this, state);
    }
    let mut out = head::scratch();
    let sent = if progress.streaming {
        let content = if progress.bodyless { &[][..] } else { content };
        if progress.chunked {
            if !content.is_empty() {
                protocol::http1::response::push_chunk_size(&mut out, content.len() as u64);
                // Small ones are copied: one part is sent with less ado than three.
                if content.len() <= head::INLINE_BODY {
                    out.extend_from_slice(content);
                    out.extend_from_slice(b"\r\n");
                } else if !link.write(&[&out, content, b"\r\n"]) {
                    head::give_scratch(out);
                    return false;
                } else {
                    out.clear();
                }
            }
            head::push_end(&mut out, this, progress.has_trailer);
            link.write(&[&out])
        } else {
            content.is_empty() || link.write(&[content])
        }
    } else {
        let compressed = head::build(&mut out, this, state, Body::Whole(content));
        let body = compressed.as_deref().unwrap_or(content);
        let progress = state.progress.get();
        if progress.bodyless || body.is_empty() {
            link.write(&[&out])
        } else if body.len() <= head::INLINE_BODY {
            out.extend_from_slice(body);
            link.write(&[&out])
        } else {
            link.write(&[&out, body])
        }
    };
    head::give_scratch(out);
    state.update(|progress| progress.ended = true);
    if sent {
        match &link {
            Link::Conn(conn) if progress.upgrade => upgrade::answered(conn, state),
            Link::Socket(socket) if progress.upgrade && state.status.get() == 101 => {
                let deflate = state.upgrading.borrow().as_ref().and_then(|upgrading| upgrading.deflate);
                let settings = state.settings.borrow().clone().unwrap_or_default();
                socket.upgraded(&settings, deflate);
            }
            _ => link.finished(state.progress.get().keep_alive),
        }
    } else {
        link.close();
    }
    sent
}

/// The same on HTTP/2.
fn finish_stream(this: &mut ZendObject, state: &State, stream: &Rc<Stream>, content: &[u8]) -> bool {
    let progress = state.progress.get();
    let trailers = progress.has_trailer.then(|| head::trailers(this));
    let sent = if progress.streaming {
        stream.end(content, trailers)
    } else {
        let (status, fields, compressed) = head::fields(this, state, Body::Whole(content));
        let body = if progress.head_request { Vec::new() } else { compressed.unwrap_or_else(|| content.to_vec()) };
        stream.answer(status, fields, body.into(), trailers)
    };
    state.update(|progress| (progress.ended, progress.head_sent) = (true, true));
    sent
}

/// `Response::sendfile(string $filename, int $offset = 0, int $length = 0): bool`
pub fn sendfile(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(1, 3)?;
    let name = args.bytes()?;
    let offset = args.opt_long()?.unwrap_or(0);
    let length = args.opt_long()?.unwrap_or(0);
    let this = call.this();
    let Some(state) = writable(this, ret) else { return Ok(()) };
    ret.set_bool(false);
    if state.progress.get().streaming {
        report::fatal(E_WARNING, "can't use sendfile when HTTP chunk is enabled");
        return Ok(());
    }
    if name.is_empty() {
        report::notice(E_WARNING, "file name is empty");
        return Ok(());
    }
    let mut line = Line::<1024>::default();
    let told = |line: &mut Line<1024>, text: std::fmt::Arguments<'_>| {
        let _ = std::fmt::Write::write_fmt(line, text);
    };
    // Up to a NUL, as the warning would end there.
    let shown = name.split(|byte| *byte == 0).next().and_then(|name| str::from_utf8(name).ok()).unwrap_or_default();
    let path = std::ffi::OsStr::from_bytes(name);
    let size = match std::fs::metadata(path) {
        Ok(found) if found.is_file() => found.len() as i64,
        Ok(_) => {
            told(&mut line, format_args!("parameter $file[{shown}] given is not a regular file"));
            report::with_code(E_WARNING, Code::SERVER_IS_NOT_REGULAR_FILE, line.text());
            return Ok(());
        }
        Err(_) => {
            told(&mut line, format_args!("stat({shown}) failed"));
            report::system(E_WARNING, line.text());
            return Ok(());
        }
    };
    if offset < 0 || size < offset {
        told(&mut line, format_args!("parameter $offset[{offset}] exceeds the file size"));
        report::notice(E_WARNING, line.text());
        return Ok(());
    }
    if length < 0 || length > size - offset {
        told(&mut line, format_args!("parameter $length[{length}] exceeds the file size"));
        report::notice(E_WARNING, line.text());
        return Ok(());
    }
    let length = if length == 0 { size - offset } else { length };
    let Ok(file) = File::open(path) else {
        told(&mut line, format_args!("open({shown}) failed"));
        report::system(E_WARNING, line.text());
        return Ok(());
    };
    ret.set_bool(send_file(this, state, name, file, offset as u64, length as usize));
    tell_bad_header(state);
    check()
}

fn send_file(this: &mut ZendObject, state: &State, name: &[u8], file: File, offset: u64, length: usize) -> bool {
    let slot = this.slot(HEADER);
    make_array(slot);
    let typed = slot.as_array().is_some_and(|array| array.get("Content-Type").is_some());
    if !typed {
        put_header(this, b"Content-Type", Value::string(&crate::php::mime::type_of(name)), true);
    }
    state.coding.set(None);
    drop(state.share.take());
    let link = link_of(state);
    if let Link::Stream(stream) = &link {
        use std::os::unix::fs::FileExt;
        let mut body = vec![0; length];
        if file.read_exact_at(&mut body, offset).is_err() {
            return false;
        }
        return finish_stream(this, state, stream, &body);
    }
    let mut out = head::scratch();
    head::build(&mut out, this, state, Body::File(length as u64));
    let mut sent = link.write(&[&out]);
    head::give_scratch(out);
    if !sent {
        state.update(|progress| progress.head_sent = false);
        return false;
    }
    if length > 0 && !state.progress.get().bodyless {
        sent = link.send_file(file, offset, length);
    }
    if !sent {
        link.close();
        return false;
    }
    state.update(|progress| progress.ended = true);
    link.finished(state.progress.get().keep_alive);
    true
}

/// `Response::redirect(string $location, int $http_code = 302): bool`
pub fn redirect(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(1, 2)?;
    let location = args.zstr()?;
    let status = args.opt_long()?.unwrap_or(302);
    let this = call.this();
    let Some(state) = writable(this, ret) else { return Ok(()) };
    state.status.set(status);
    let mut value = Zval::new();
    value.set_str(ZStr::share(location));
    put_header(this, b"Location", Value::from_zval(value), false);
    ret.set_bool(finish(this, state, None));
    tell_bad_header(state);
    check()
}
