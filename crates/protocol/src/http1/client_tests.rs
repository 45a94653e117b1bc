use proptest::prelude::*;

use super::*;
use crate::http1::request::{Limits, Parser, Progress};
use crate::http1::response::{Framing, ResponseContext, ResponseEncoder, push_chunk, push_last_chunk};

fn parse(raw: &[u8], method: Method) -> Result<ResponseHead, ClientError> {
    let mut parser = ResponseParser::new(ClientLimits::default(), Some(method));
    match parser.parse_head(raw)? {
        ClientProgress::Head => Ok(parser.head().clone()),
        other => panic!("{other:?}"),
    }
}

/// Head and body in pieces of `step` bytes.
fn exchange(raw: &[u8], method: Method, step: usize) -> (ResponseHead, Vec<u8>, bool) {
    let mut parser = ResponseParser::new(ClientLimits::default(), Some(method));
    let mut ends = (0..raw.len()).step_by(step).skip(1).chain([raw.len()]);
    let mut start = 0;
    let head_end = loop {
        let end = ends.next().expect("a head");
        match parser.parse_head(&raw[start..end]).expect("a valid head") {
            ClientProgress::Incomplete => {}
            ClientProgress::Interim { consumed, .. } => {
                start += consumed;
                if parser.parse_head(&raw[start..end]).is_ok_and(|p| p == ClientProgress::Head) {
                    break end;
                }
            }
            ClientProgress::Head => break end,
        }
    };
    let head = parser.head().clone();
    let mut decoder = head.body_decoder(1 << 20);
    let (mut at, mut body) = (start + head.head_len as usize, Vec::new());
    for end in [head_end].into_iter().chain(ends) {
        while !decoder.is_done() {
            let found = decoder.decode(&raw[at..end]).expect("a valid body");
            body.extend_from_slice(&raw[at..end][found.data.clone()]);
            at += found.consumed;
            if found.consumed == 0 {
                break;
            }
        }
    }
    let clean = decoder.close().is_ok();
    (head, body, clean)
}

#[test]
fn repeated_fields_interims_and_trailers() {
    let raw = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nset-cookie: b=2\r\nTransfer-Encoding: chunked\r\n\r\n3  \r\nabc\r\n0\r\nX-T: 1\r\n\r\n";
    for step in 1..raw.len() {
        let (head, body, clean) = exchange(raw, Method::Get, step);
        assert_eq!((head.status, body.as_slice(), clean), (200, &b"abc"[..], true), "step {step}");
        assert_eq!(head.headers.iter().filter(|h| h.known == KnownHeader::SetCookie).count(), 2);
        assert!(head.keep_alive);
    }
}

#[test]
fn bodies_by_status_and_method() {
    let length = b"HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\n";
    assert_eq!(parse(length, Method::Get).map(|h| h.body), Ok(BodyKind::Length(5)));
    assert_eq!(parse(length, Method::Head).map(|h| h.body), Ok(BodyKind::None));
    assert_eq!(parse(length, Method::Connect).map(|h| h.body), Ok(BodyKind::None));
    for status in [204, 304] {
        let raw = format!("HTTP/1.1 {status} \r\nContent-Length: 5\r\n\r\n");
        assert_eq!(parse(raw.as_bytes(), Method::Get).map(|h| h.body), Ok(BodyKind::None));
    }
    let open = parse(b"HTTP/1.0 200\r\n\r\n", Method::Get).expect("valid");
    assert_eq!((open.body, open.keep_alive), (BodyKind::UntilClose, false));
    let both = b"HTTP/1.1 200 OK\nContent-Length: 5\nTransfer-Encoding: gzip, chunked\n\n";
    assert_eq!(parse(both, Method::Get).map(|h| h.body), Ok(BodyKind::Chunked));
    let switched = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n\x81\x00";
    let head = parse(switched, Method::Get).expect("valid");
    assert_eq!((head.upgrade, head.body, head.head_len as usize), (Upgrade::WebSocket, BodyKind::None, switched.len() - 2));
    let old = parse(b"HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 1\r\n\r\n", Method::Get);
    assert!(old.expect("valid").keep_alive);
}

#[test]
fn bad_responses() {
    assert_eq!(parse(b"SSH-2.0-x\r\n", Method::Get), Err(ClientError::NotHttp));
    assert_eq!(parse(b"H ", Method::Get), Err(ClientError::NotHttp));
    assert_eq!(parse(b"HTTP/1.1 abc\r\n\r\n", Method::Get), Err(ClientError::Malformed));
    assert_eq!(
        parse(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", Method::Get),
        Err(ClientError::Length)
    );
    let many: String = (0..600).map(|i| format!("h{i}: v\r\n")).collect();
    assert_eq!(parse(format!("HTTP/1.1 200 OK\r\n{many}\r\n").as_bytes(), Method::Get), Err(ClientError::TooLarge));
    let long = format!("HTTP/1.1 200 OK\r\nX: {}", "y".repeat(300_000));
    assert_eq!(parse(long.as_bytes(), Method::Get), Err(ClientError::TooLarge));
}

#[test]
fn requests_refuse_injection() {
    let mut out = b"x".to_vec();
    assert_eq!(RequestEncoder::begin(&mut out, b"GET", b"/a b").err(), Some(EncodeError::Value));
    assert_eq!(RequestEncoder::begin(&mut out, b"GET", b"/\r\nX:").err(), Some(EncodeError::Value));
    assert_eq!(RequestEncoder::begin(&mut out, b"G T", b"/").err(), Some(EncodeError::Name));
    let mut encoder = RequestEncoder::begin(&mut out, b"GET", b"/").expect("valid");
    assert_eq!(encoder.header(b"A", b"b\r\nc: d"), Err(EncodeError::Value));
    drop(encoder);
    assert_eq!(out, b"x");
}

proptest! {
    #[test]
    fn what_the_server_encodes_the_client_reads(
        status in 200u16..600,
        fields in proptest::collection::vec(("X-[a-z]{1,8}", "[!-~]{0,20}"), 0..6),
        chunks in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..50), 0..4),
        chunked: bool, http10: bool, step in 1usize..64,
    ) {
        let context = ResponseContext { head_request: false, http10, keep_alive: !http10, date: b"D", server: b"S", content_type: b"t/x" };
        let whole = chunks.concat();
        let mut out = Vec::new();
        let mut encoder = ResponseEncoder::begin(&mut out, status, None).expect("status");
        for (name, value) in &fields {
            encoder.header(name.as_bytes(), value.as_bytes()).expect("field");
        }
        let framing = if chunked { Framing::Chunked } else { Framing::Length(whole.len() as u64) };
        let outcome = encoder.finish(framing, &context);
        if outcome.chunked {
            chunks.iter().for_each(|chunk| push_chunk(&mut out, chunk));
            push_last_chunk(&mut out, []);
        } else if outcome.body {
            out.extend_from_slice(&whole);
        }
        let (head, body, clean) = exchange(&out, Method::Get, step);
        prop_assert!(clean);
        prop_assert_eq!(head.status, status);
        prop_assert_eq!(head.keep_alive, outcome.keep_alive);
        prop_assert_eq!(body, if outcome.body { whole } else { Vec::new() });
        for (at, (name, value)) in fields.iter().enumerate() {
            prop_assert_eq!(head.headers[at].name.of(&out), name.as_bytes());
            prop_assert_eq!(head.headers[at].value.of(&out), value.as_bytes());
        }
    }

    #[test]
    fn what_the_client_encodes_the_server_reads(
        method in proptest::sample::select(Method::ALL), target in "/[!-~]{0,30}",
        fields in proptest::collection::vec(("X-[a-z]{1,8}", "[!-~]{0,20}"), 0..6),
    ) {
        let mut out = Vec::new();
        let mut encoder = RequestEncoder::begin(&mut out, method.as_str().as_bytes(), target.as_bytes()).expect("valid");
        for (name, value) in &fields {
            encoder.header(name.as_bytes(), value.as_bytes()).expect("field");
        }
        encoder.finish();
        let mut parser = Parser::new(Limits::default());
        prop_assert_eq!(parser.parse(&out), Progress::Complete { consumed: out.len() });
        prop_assert_eq!(parser.head().target.of(&out), target.as_bytes());
        prop_assert_eq!(parser.head().headers.len(), fields.len());
    }

    #[test]
    fn garbage_never_panics(mut raw in "HTTP/1.[01] [0-9]{3} [a-z]{0,5}\r\n([A-Za-z-]{1,18} ?: ?[ -~]{0,10}\r?\n){0,4}\r\n".prop_map(String::into_bytes), at: proptest::sample::Index, byte: u8) {
        let at = at.index(raw.len());
        raw[at] = byte;
        let mut whole = ResponseParser::new(ClientLimits::default(), None);
        let fast = whole.parse_head(&raw);
        let mut pieces = ResponseParser::new(ClientLimits::default(), None);
        let slow = (1..=raw.len()).map(|end| pieces.parse_head(&raw[..end])).find(|r| *r != Ok(ClientProgress::Incomplete));
        prop_assert_eq!(slow.unwrap_or(Ok(ClientProgress::Incomplete)), fast);
    }
}
