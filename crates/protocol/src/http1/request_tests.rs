use proptest::prelude::*;

use super::*;

fn parse(raw: &[u8]) -> (Progress, Parser) {
    let mut parser = Parser::new(Limits::default());
    (parser.parse(raw), parser)
}

fn status_of(raw: &[u8]) -> Option<u16> {
    match parse(raw).0 {
        Progress::Reject(reject) => Some(reject.status),
        _ => None,
    }
}

/// Byte by byte: the last verdict, skipping the note that a head is there.
fn parse_slowly(raw: &[u8], limits: Limits) -> (Progress, Parser) {
    let mut parser = Parser::new(limits);
    let mut last = Progress::Incomplete { need: 1 };
    for end in 1..=raw.len() {
        last = parser.parse(&raw[..end]);
        if !matches!(last, Progress::Incomplete { .. } | Progress::Head) {
            break;
        }
    }
    (last, parser)
}

#[test]
fn a_plain_get() {
    let raw = b"GET /a%20b/c.php?x=1&y=2 HTTP/1.1\r\nHost: h\r\nX-Y:  z \t\r\nCookie: a=b\r\n\r\n";
    let (progress, parser) = parse(raw);
    assert_eq!(progress, Progress::Complete { consumed: raw.len() });
    let head = parser.head();
    assert_eq!((head.method, head.version, head.keep_alive), (Method::Get, Version::Http11, true));
    assert_eq!(head.path.of(raw), b"/a%20b/c.php");
    assert_eq!(head.query.of(raw), b"x=1&y=2");
    assert_eq!(head.field(raw, b"x-y"), Some(&b"z"[..]));
    assert_eq!(head.known(raw, KnownHeader::Cookie), Some(&b"a=b"[..]));
    assert_eq!(head.headers[1].name.of(raw), b"X-Y");
    assert_eq!(head.body_slice(raw), Some(&b""[..]));
}

#[test]
fn pipelined_requests_come_one_by_one_and_reuse_storage() {
    let one = b"POST /1 HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc";
    let two = b"POST /2 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nde\r\n1\r\nf\r\n0\r\n\r\n";
    let three = b"\r\nGET /3 HTTP/1.0\r\n\r\n";
    let raw = [&one[..], two, three].concat();
    let mut parser = Parser::new(Limits::default());
    assert_eq!(parser.parse(&raw), Progress::Complete { consumed: one.len() });
    assert_eq!(parser.head().body_slice(&raw), Some(&b"abc"[..]));
    let rest = &raw[one.len()..];
    assert_eq!(parser.parse(rest), Progress::Complete { consumed: two.len() });
    let mut body = Vec::new();
    parser.head().copy_body(rest, &mut body);
    assert_eq!((body.as_slice(), parser.head().body_parts.len()), (&b"def"[..], 2));
    let rest = &rest[two.len()..];
    let mut used = RequestHead::default();
    assert_eq!(parser.parse(rest), Progress::Complete { consumed: three.len() });
    assert!(!parser.head().keep_alive);
    parser.swap_head(&mut used);
    assert_eq!(used.path.of(rest), b"/3");
    assert_eq!(parser.parse(b""), Progress::Incomplete { need: 1 });
}

#[test]
fn head_is_told_once_and_need_is_exact() {
    let raw = b"POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 10\r\n\r\n";
    let mut parser = Parser::new(Limits::default());
    assert_eq!(parser.parse(raw), Progress::Head);
    assert!(parser.head().expect_continue);
    let more = [&raw[..], b"abc"].concat();
    assert_eq!(parser.parse(&more), Progress::Incomplete { need: 7 });
    let all = [&more[..], b"defghij", b"GET"].concat();
    assert_eq!(parser.parse(&all), Progress::Complete { consumed: all.len() - 3 });
    assert_eq!(parser.head().body_slice(&all), Some(&b"abcdefghij"[..]));

    assert_eq!(parser.parse_head(&all), Progress::Head);
    assert_eq!(parser.head().body, BodyKind::Length(10));
}

#[test]
fn smuggling_shapes_get_400() {
    for bad in [
        "GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na",
        "GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\na",
        "GET / HTTP/1.1\r\nContent-Length: 1, 1\r\n\r\na",
        "GET / HTTP/1.1\r\nContent-Length: +1\r\n\r\na",
        "GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\na",
        "GET / HTTP/1.1\r\nContent-Length: 0x1\r\n\r\na",
        "GET / HTTP/1.1\r\nContent-Length: 1 1\r\n\r\na",
        "GET / HTTP/1.1\r\nContent-Length:\r\n\r\n",
        "GET / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n",
        "GET / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n0\r\n\r\n",
        "GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "GET / HTTP/1.1\r\nTransfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n",
        "GET / HTTP/1.1\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        "GET / HTTP/1.1\r\nTransfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n",
        "GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "GET / HTTP/1.1\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        "GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        "GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\nab\r\n0\r\n\r\n",
        "GET / HTTP/1.1\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\nX: y\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\n\n",
        "GET / HTTP/1.1\r\nHost: a\n\n",
        "GET / HTTP/1.1\n\n",
        "\nGET / HTTP/1.1\r\n\r\n",
        "\rGET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n",
        "GET / HTTP/1.1\r\n A: b\r\n\r\n",
        "GET / HTTP/1.1\r\nA: b\rc\r\n\r\n",
        "GET / HTTP/1.1\r\nA: b\0c\r\n\r\n",
        "GET / HTTP/1.1\r\nA\r\n\r\n",
        "GET / HTTP/1.1\r\n: b\r\n\r\n",
        "GET / HTTP/1.1\r\nA b: c\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        "GET  / HTTP/1.1\r\n\r\n",
        "GET /a b HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1 \r\n\r\n",
        "GET / HTTP/2.0\r\n\r\n",
        "GET / http/1.1\r\n\r\n",
        "get / HTTP/1.1\r\n\r\n",
        "FOO / HTTP/1.1\r\n\r\n",
        "GET foo HTTP/1.1\r\n\r\n",
        "GET http:// HTTP/1.1\r\n\r\n",
        "\x16\x03\x01\x02",
    ] {
        assert_eq!(status_of(bad.as_bytes()), Some(400), "{bad:?}");
        let (slow, _) = parse_slowly(bad.as_bytes(), Limits::default());
        assert!(matches!(slow, Progress::Reject(Reject { status: 400, .. })), "slowly {bad:?}: {slow:?}");
    }
    assert_eq!(status_of(b"GET / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"), Some(501));
}

#[test]
fn limits_have_their_status() {
    let limits = Limits { max_head: 200, max_target: 50, max_headers: 3, max_request: 300, require_host: true };
    let verdict = |raw: &str| {
        let fast = Parser::new(limits).parse(raw.as_bytes());
        let (slow, _) = parse_slowly(raw.as_bytes(), limits);
        assert_eq!(fast, slow, "{raw:?}");
        fast
    };
    let status = |raw: &str| match verdict(raw) {
        Progress::Reject(reject) => reject.status,
        other => panic!("{raw:?}: {other:?}"),
    };
    assert_eq!(status(&format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", "x".repeat(50))), 414);
    assert_eq!(status(&format!("GET /{}", "x".repeat(100))), 414);
    assert_eq!(status(&format!("GET / HTTP/1.1\r\nHost: {}\r\n\r\n", "x".repeat(200))), 431);
    assert_eq!(status(&format!("GET / HTTP/1.1\r\nHost: {}", "x".repeat(200))), 431);
    assert_eq!(status("GET / HTTP/1.1\r\nA:\r\nB:\r\nC:\r\nD:\r\n\r\n"), 431);
    assert_eq!(status("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 300\r\n\r\n"), 413);
    assert_eq!(status("GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1ff\r\n"), 413);
    let tiny = "1\r\na\r\n".repeat(50);
    assert_eq!(status(&format!("GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n{tiny}0\r\n\r\n")), 413);
    assert_eq!(status("GET / HTTP/1.1\r\n\r\n"), 400);
    assert!(matches!(verdict("GET / HTTP/1.0\r\n\r\n"), Progress::Complete { .. }));
    let many: String = (0..200).map(|i| format!("h{i}: v\r\n")).collect();
    let (progress, parser) = parse(format!("GET / HTTP/1.1\r\n{many}\r\n").as_bytes());
    assert!(matches!(progress, Progress::Complete { .. }));
    assert_eq!(parser.head().headers.len(), 200);
}

#[test]
fn keep_alive_rules() {
    for (raw, keep) in [
        ("GET / HTTP/1.1\r\n\r\n", true),
        ("GET / HTTP/1.1\r\nConnection: Close\r\n\r\n", false),
        ("GET / HTTP/1.1\r\nConnection: foo, close\r\n\r\n", false),
        ("GET / HTTP/1.1\r\nConnection: keep-alive\r\nConnection: close\r\n\r\n", false),
        ("GET / HTTP/1.0\r\n\r\n", false),
        ("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", true),
        ("GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n", false),
    ] {
        assert_eq!(parse(raw.as_bytes()).1.head().keep_alive, keep, "{raw:?}");
    }
}

#[test]
fn targets_upgrades_and_prefaces() {
    let raw = b"GET http://h:80/p?q HTTP/1.1\r\nUpgrade: h2c, WebSocket\r\nConnection: keep-alive, Upgrade\r\n\r\n";
    let (_, parser) = parse(raw);
    let head = parser.head();
    assert_eq!((head.authority.of(raw), head.path.of(raw), head.query.of(raw)), (&b"h:80"[..], &b"/p"[..], &b"q"[..]));
    assert_eq!((head.upgrade, head.connection_upgrade), (Upgrade::WebSocket, true));
    assert_eq!(parse(b"OPTIONS * HTTP/1.1\r\n\r\n").1.head().method, Method::Options);
    let raw = b"CONNECT h:443 HTTP/1.1\r\n\r\n";
    assert_eq!(parse(raw).1.head().authority.of(raw), b"h:443");
    assert_eq!(parse(HTTP2_PREFACE).0, Progress::Http2Preface);
    assert_eq!(parse(&HTTP2_PREFACE[..20]).0, Progress::Incomplete { need: 1 });
    assert_eq!(status_of(b"PRI / HTTP/1.1\r\n\r\n"), Some(400));
    assert!(Method::ALL.iter().all(|m| Method::from_bytes(m.as_str().as_bytes()) == Some(*m)));
}

fn wire() -> impl Strategy<Value = Vec<u8>> {
    let field = ("[A-Za-z][A-Za-z0-9-]{0,12}", "[ -~]{0,20}").prop_filter("framing is made below", |(n, _)| {
        !matches!(
            KnownHeader::classify(n.as_bytes()),
            KnownHeader::ContentLength | KnownHeader::TransferEncoding | KnownHeader::Host
        )
    });
    let body = proptest::collection::vec(proptest::collection::vec(any::<u8>(), 1..40), 0..5);
    (
        proptest::sample::select(Method::ALL),
        "/[a-z/]{0,20}(\\?[a-z=&]{0,10})?",
        proptest::collection::vec(field, 0..8),
        body,
        any::<bool>(),
    )
        .prop_map(|(method, target, fields, chunks, chunked)| {
            let method = if method == Method::Connect { Method::Get } else { method };
            let mut raw = format!("{} {target} HTTP/1.1\r\n", method.as_str()).into_bytes();
            for (name, value) in fields {
                raw.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
            }
            if chunked {
                raw.extend_from_slice(b"Transfer-Encoding: chunked\r\n\r\n");
                for chunk in chunks {
                    raw.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
                    raw.extend_from_slice(&chunk);
                    raw.extend_from_slice(b"\r\n");
                }
                raw.extend_from_slice(b"0\r\n\r\n");
            } else {
                let body = chunks.concat();
                raw.extend_from_slice(format!("Content-Length: {}\r\n\r\n", body.len()).as_bytes());
                raw.extend_from_slice(&body);
            }
            raw
        })
}

proptest! {
    #[test]
    fn any_split_gives_the_same(raw in wire(), cuts in proptest::collection::vec(any::<proptest::sample::Index>(), 0..6)) {
        let (whole, parser) = parse(&raw);
        prop_assert_eq!(whole, Progress::Complete { consumed: raw.len() });
        let mut ends: Vec<usize> = cuts.iter().map(|i| i.index(raw.len() + 1)).collect();
        ends.push(raw.len());
        ends.sort_unstable();
        let mut pieces = Parser::new(Limits::default());
        let last = ends.iter().map(|&end| pieces.parse(&raw[..end])).last();
        // Complete comes once; parsing the same bytes twice would start over.
        if last != Some(whole) { prop_assert!(ends.len() > 1 && ends[ends.len() - 2] == raw.len()); }
        else { prop_assert_eq!(pieces.head(), parser.head()); }
        let (slow, slowly) = parse_slowly(&raw, Limits::default());
        prop_assert_eq!(slow, whole);
        prop_assert_eq!(slowly.head(), parser.head());
    }

    #[test]
    fn garbage_never_panics_and_splits_agree(mut raw in wire(), edits in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..6)) {
        for (at, byte) in edits {
            let at = at.index(raw.len());
            raw[at] = byte;
        }
        let (fast, slow) = (parse(&raw).0, parse_slowly(&raw, Limits::default()).0);
        match (fast, slow) {
            (Progress::Reject(_), Progress::Reject(_)) => {}
            (Progress::Head, Progress::Incomplete { .. } | Progress::Head) => {}
            // A partial head is not looked at again before its end: the verdict may come later.
            (Progress::Reject(_), Progress::Incomplete { .. }) => prop_assert!(!raw.ends_with(b"\r\n\r\n")),
            (fast, slow) => prop_assert_eq!(fast, slow),
        }
    }
}
