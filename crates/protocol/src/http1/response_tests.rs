use super::*;

const CONTEXT: ResponseContext<'static> = ResponseContext {
    head_request: false,
    http10: false,
    keep_alive: true,
    date: b"D",
    server: b"S",
    content_type: b"text/html",
};

fn encode(status: u16, fields: &[(&str, &str)], framing: Framing, context: ResponseContext<'_>) -> (String, Outcome) {
    let mut out = Vec::new();
    let mut encoder = ResponseEncoder::begin(&mut out, status, None).expect("status");
    for (name, value) in fields {
        encoder.header(name.as_bytes(), value.as_bytes()).expect("field");
    }
    let outcome = encoder.finish(framing, &context);
    (String::from_utf8(out).expect("ascii"), outcome)
}

#[test]
fn a_plain_response() {
    let (text, outcome) = encode(200, &[("X-A", " b ")], Framing::Length(12), CONTEXT);
    assert_eq!(
        text,
        "HTTP/1.1 200 OK\r\nX-A: b\r\nServer: S\r\nDate: D\r\nConnection: keep-alive\r\nContent-Type: text/html\r\nContent-Length: 12\r\n\r\n"
    );
    assert_eq!(outcome, Outcome { body: true, chunked: false, keep_alive: true, length_ignored: false });
}

#[test]
fn injection_is_refused_and_nothing_is_left() {
    let mut out = b"before".to_vec();
    let mut encoder = ResponseEncoder::begin(&mut out, 200, None).expect("status");
    assert_eq!(encoder.header(b"X", b"a\r\nY: b"), Err(EncodeError::Value));
    assert_eq!(encoder.header(b"X", b"a\nb"), Err(EncodeError::Value));
    assert_eq!(encoder.header(b"X", b"a\0b"), Err(EncodeError::Value));
    assert_eq!(encoder.header(b"X\r\nY", b"a"), Err(EncodeError::Name));
    assert_eq!(encoder.header(b"", b"a"), Err(EncodeError::Name));
    assert_eq!(encoder.header(b"X:", b"a"), Err(EncodeError::Name));
    assert_eq!(encoder.set_cookie(b"a=b\r\nX: y"), Err(EncodeError::Value));
    drop(encoder);
    assert_eq!(out, b"before");
    assert_eq!(ResponseEncoder::begin(&mut out, 200, Some(b"OK\r\nX: y")).err(), Some(EncodeError::Reason));
    assert_eq!(ResponseEncoder::begin(&mut out, 99, None).err(), Some(EncodeError::Status));
    assert_eq!(out, b"before");
}

#[test]
fn the_programs_fields_win_and_empty_ones_suppress() {
    let fields = [("server", "mine"), ("DATE", ""), ("content-type", ""), ("connection", "close")];
    let (text, outcome) = encode(200, &fields, Framing::Length(0), CONTEXT);
    assert_eq!(text, "HTTP/1.1 200 OK\r\nserver: mine\r\nconnection: close\r\nContent-Length: 0\r\n\r\n");
    assert!(!outcome.keep_alive);
}

#[test]
fn lengths_tell_the_truth() {
    let (text, outcome) = encode(200, &[("Content-Length", "5")], Framing::Length(3), CONTEXT);
    assert!(text.contains("Content-Length: 3\r\n") && !text.contains(": 5") && outcome.length_ignored);
    let (text, outcome) = encode(200, &[("Content-Length", "5"), ("Transfer-Encoding", "chunked")], Framing::Chunked, CONTEXT);
    assert!(!text.contains("Content-Length") && outcome.length_ignored && outcome.chunked);
    assert_eq!(text.matches("Transfer-Encoding").count(), 1);
    let head = ResponseContext { head_request: true, ..CONTEXT };
    let (text, outcome) = encode(200, &[("Content-Length", "5")], Framing::Length(0), head);
    assert!(text.contains("Content-Length: 5\r\n") && !outcome.body);
    assert!(!encode(200, &[], Framing::Length(0), head).0.contains("Content-Length"));
    assert!(encode(200, &[], Framing::Length(7), head).0.contains("Content-Length: 7"));
    for status in [204, 304, 199] {
        let (text, outcome) = encode(status, &[], Framing::Length(3), CONTEXT);
        assert!(!text.contains("Content-") && !outcome.body && outcome.keep_alive, "{text}");
    }
    let (text, outcome) = encode(200, &[("Content-Length", "")], Framing::Length(3), CONTEXT);
    assert!(!text.contains("Content-Length") && text.contains("Connection: close") && !outcome.keep_alive);
}

#[test]
fn chunks_for_old_clients_are_bare_and_end_with_the_close() {
    let old = ResponseContext { http10: true, ..CONTEXT };
    let (text, outcome) = encode(200, &[], Framing::Chunked, old);
    assert!(!text.contains("chunked") && text.contains("Connection: close"));
    assert_eq!(outcome, Outcome { body: true, chunked: false, keep_alive: false, length_ignored: false });
}

#[test]
fn upgrades_add_nothing_of_the_body() {
    let (text, _) = encode(101, &[("Upgrade", "websocket"), ("Connection", "Upgrade")], Framing::Upgrade, CONTEXT);
    assert_eq!(
        text,
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nServer: S\r\nDate: D\r\n\r\n"
    );
}

#[test]
fn reasons_chunks_dates_and_errors() {
    let mut out = Vec::new();
    ResponseEncoder::begin(&mut out, 299, Some(b"Fine")).expect("status").finish(Framing::Length(0), &CONTEXT);
    assert!(out.starts_with(b"HTTP/1.1 299 Fine\r\n"));
    out.clear();
    ResponseEncoder::begin(&mut out, 299, None).expect("status").finish(Framing::Length(0), &CONTEXT);
    assert!(out.starts_with(b"HTTP/1.1 299 \r\n"));
    out.clear();
    push_chunk(&mut out, b"");
    push_chunk(&mut out, &[b'x'; 16]);
    push_last_chunk(&mut out, [(&b"A"[..], &b"b"[..]), (b"C", b"d\r\ne"), (b"", b"")]);
    assert_eq!(out, b"10\r\nxxxxxxxxxxxxxxxx\r\n0\r\nA: b\r\n\r\n");
    out.clear();
    push_chunk_size(&mut out, 0xabc);
    push_decimal(&mut out, u64::MAX);
    push_decimal(&mut out, 0);
    assert_eq!(out, b"abc\r\n184467440737095516150");
    out.clear();
    push_error(&mut out, 431);
    assert!(out.starts_with(b"HTTP/1.1 431 Request Header Fields Too Large\r\nConnection: close\r\n"));
    let mut date = DateCache::default();
    assert_eq!(date.at(784_111_777), b"Sun, 06 Nov 1994 08:49:37 GMT");
    assert_eq!(date.at(784_111_778), b"Sun, 06 Nov 1994 08:49:38 GMT");
    assert_eq!(date.at(u64::MAX).len(), 29);
    assert!(status::CODES.iter().all(|&c| status::line(c).is_some_and(|l| l.contains(status::reason(c).unwrap_or("?")))));
}
