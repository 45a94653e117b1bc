//! The groups of cases that WebSocket implementations are commonly examined in, as tables written
//! from RFC 6455: framing, pings, reserved bits, opcodes, fragmentation, UTF-8, closing, limits.
use super::*;
use Opcode::{Binary, Close, Continuation, Ping, Pong, Text};

/// Frames as a client sends them, what is delivered, and how the connection fails.
struct Case {
    name: &'static str,
    frames: Vec<(bool, Opcode, &'static [u8])>,
    delivered: Vec<(Opcode, &'static [u8])>,
    error: Option<Error>,
}

fn check(cases: Vec<Case>) {
    for case in cases {
        let mut data = Vec::new();
        for (fin, opcode, payload) in &case.frames {
            // Encoded by hand: some of these frames our encoder would not make.
            let len = payload.len();
            data.push(*opcode as u8 | u8::from(*fin) << 7);
            if len < 126 {
                data.push(0x80 | len as u8);
            } else {
                data.push(0x80 | 126);
                data.extend_from_slice(&(len as u16).to_be_bytes());
            }
            data.extend_from_slice(&KEY);
            data.extend(payload.iter().enumerate().map(|(i, b)| b ^ KEY[i % 4]));
        }
        let (frames, error) = feed_all_ways(|| server(1 << 20), &data);
        let frames: Vec<_> = frames.iter().map(|(opcode, _, payload)| (*opcode, &payload[..])).collect();
        assert_eq!(frames, case.delivered, "{}", case.name);
        assert_eq!(error, case.error, "{}", case.name);
    }
}

#[test]
fn group_1_payload_lengths() {
    for opcode in [Text, Binary] {
        for len in [0, 1, 125, 126, 127, 128, 65535, 65536] {
            let payload = vec![b'*'; len];
            let data = client_frame(true, false, opcode, &payload);
            assert_eq!(feed(&mut server(1 << 20), data.chunks(997)).0, [(opcode, true, payload.clone())]);
            if len <= 128 {
                feed_all_ways(|| server(1 << 20), &data);
            }
        }
    }
}

#[test]
fn group_2_pings_and_pongs() {
    static LONG: [u8; 126] = [0xfe; 126];
    check(vec![
        Case { name: "empty ping", frames: vec![(true, Ping, b"")], delivered: vec![(Ping, b"")], error: None },
        Case {
            name: "ping with bytes",
            frames: vec![(true, Ping, b"\x00\xff\xfe")],
            delivered: vec![(Ping, b"\x00\xff\xfe")],
            error: None,
        },
        Case { name: "125 bytes", frames: vec![(true, Ping, &LONG[..125])], delivered: vec![(Ping, &LONG[..125])], error: None },
        Case { name: "126 bytes", frames: vec![(true, Ping, &LONG)], delivered: vec![], error: Some(Error::ControlTooLong) },
        Case {
            name: "unsolicited pong",
            frames: vec![(true, Pong, b"x"), (true, Ping, b"y")],
            delivered: vec![(Pong, b"x"), (Ping, b"y")],
            error: None,
        },
        Case { name: "ten pings", frames: vec![(true, Ping, b"n"); 10], delivered: vec![(Ping, b"n"); 10], error: None },
    ]);
}

#[test]
fn group_3_reserved_bits() {
    for bits in 1..8u8 {
        for opcode in [1u8, 2, 8, 9, 10] {
            let good = client_frame(true, false, Text, b"ok");
            let mut data = good.clone();
            data.extend_from_slice(&[0x80 | bits << 4 | opcode, 0x80, 1, 2, 3, 4]);
            data.extend(good);
            let (frames, error) = feed_all_ways(|| server(100), &data);
            assert_eq!(frames, [(Text, true, b"ok".to_vec())]);
            assert_eq!(error, Some(Error::ReservedBits));
            assert_eq!(Error::ReservedBits.close_code(), 1002);
        }
    }
    // RSV1 with permessage-deflate: not on control frames, not on continuations.
    let make = || Decoder::new(Config::server(100), Some(Inflater::new(15, true)));
    assert_eq!(feed_all_ways(make, &[0xc9, 0x80, 1, 2, 3, 4]).1, Some(Error::ReservedBits));
    let mut data = client_frame(false, true, Text, &[0xf2, 0x48, 0xcd]);
    data.extend(client_frame(true, true, Continuation, &[0xc9, 0xc9, 0x07, 0x00]));
    assert_eq!(feed_all_ways(make, &data).1, Some(Error::ReservedBits));
}

#[test]
fn group_4_reserved_opcodes() {
    for opcode in [3u8, 4, 5, 6, 7, 11, 12, 13, 14, 15] {
        let mut data = client_frame(true, false, Text, b"ok");
        data.extend_from_slice(&[0x80 | opcode, 0x80, 1, 2, 3, 4]);
        let (frames, error) = feed_all_ways(|| server(100), &data);
        assert_eq!(frames.len(), 1);
        assert_eq!(error, Some(Error::UnknownOpcode(opcode)));
    }
}

#[test]
fn group_5_fragmentation() {
    check(vec![
        Case {
            name: "fragmented ping",
            frames: vec![(false, Ping, b"a"), (true, Continuation, b"b")],
            delivered: vec![],
            error: Some(Error::ControlFragmented),
        },
        Case {
            name: "fragmented pong",
            frames: vec![(false, Pong, b"a")],
            delivered: vec![],
            error: Some(Error::ControlFragmented),
        },
        Case {
            name: "two fragments",
            frames: vec![(false, Text, b"ab"), (true, Continuation, b"cd")],
            delivered: vec![(Text, b"abcd")],
            error: None,
        },
        Case {
            name: "ping between",
            frames: vec![(false, Text, b"ab"), (true, Ping, b"p"), (true, Continuation, b"cd")],
            delivered: vec![(Ping, b"p"), (Text, b"abcd")],
            error: None,
        },
        Case {
            name: "continuation of nothing",
            frames: vec![(true, Continuation, b"x"), (true, Text, b"y")],
            delivered: vec![],
            error: Some(Error::UnexpectedContinuation),
        },
        Case {
            name: "open continuation of nothing",
            frames: vec![(false, Continuation, b"x")],
            delivered: vec![],
            error: Some(Error::UnexpectedContinuation),
        },
        Case {
            name: "continuation after a whole message",
            frames: vec![(true, Text, b"m"), (true, Continuation, b"x")],
            delivered: vec![(Text, b"m")],
            error: Some(Error::UnexpectedContinuation),
        },
        Case {
            name: "text inside a message",
            frames: vec![(false, Text, b"a"), (true, Text, b"b")],
            delivered: vec![],
            error: Some(Error::ContinuationExpected),
        },
        Case {
            name: "binary inside a message",
            frames: vec![(false, Text, b"a"), (false, Binary, b"b")],
            delivered: vec![],
            error: Some(Error::ContinuationExpected),
        },
        Case {
            name: "five fragments, pings between",
            frames: vec![
                (false, Binary, b"1"),
                (false, Continuation, b"2"),
                (true, Ping, b"p1"),
                (false, Continuation, b"3"),
                (false, Continuation, b""),
                (true, Ping, b"p2"),
                (true, Continuation, b"5"),
                (true, Text, b"next"),
            ],
            delivered: vec![(Ping, b"p1"), (Ping, b"p2"), (Binary, b"1235"), (Text, b"next")],
            error: None,
        },
        Case {
            name: "empty fragments",
            frames: vec![(false, Text, b""), (false, Continuation, b""), (true, Continuation, b"")],
            delivered: vec![(Text, b"")],
            error: None,
        },
    ]);
}

#[test]
fn group_6_utf8() {
    let valid: &[&[u8]] = &[
        "κόσμε".as_bytes(),
        b"\0",
        b"\xc2\x80",
        b"\xe0\xa0\x80",
        b"\xf0\x90\x80\x80",
        b"\x7f",
        b"\xdf\xbf",
        b"\xef\xbf\xbf",
        b"\xf4\x8f\xbf\xbf",
        b"\xed\x9f\xbf",
        b"\xee\x80\x80",
        b"\xef\xbf\xbd",
        b"\xef\xbf\xbe",
    ];
    let invalid: &[&[u8]] = &[
        b"\x80",
        b"\xbf",
        b"\x80\xbf",
        b"\xc0\x20",
        b"\xc0",
        b"\xe0\x80",
        b"\xf0\x80\x80",
        b"\xdf",
        b"\xef\xbf",
        b"\xf7\xbf\xbf",
        b"\xfe",
        b"\xff",
        b"\xfe\xfe\xff\xff",
        b"\xc0\xaf",
        b"\xe0\x80\xaf",
        b"\xf0\x80\x80\xaf",
        b"\xc1\xbf",
        b"\xe0\x9f\xbf",
        b"\xf0\x8f\xbf\xbf",
        b"\xc0\x80",
        b"\xed\xa0\x80",
        b"\xed\xad\xbf",
        b"\xed\xbf\xbf",
        b"\xed\xa0\x80\xed\xb0\x80",
        b"\xf4\x90\x80\x80",
        b"\xf8\x88\x80\x80\x80",
        b"\xfc\x84\x80\x80\x80\x80",
        b"\xe2\x82",
    ];
    for (set, error) in [(valid, None), (invalid, Some(Error::InvalidUtf8))] {
        for bytes in set {
            for cut in 0..=bytes.len() {
                let mut data = client_frame(false, false, Text, &bytes[..cut]);
                data.extend(client_frame(true, false, Continuation, &bytes[cut..]));
                assert_eq!(feed_all_ways(|| server(100), &data).1, error, "{bytes:x?}");
            }
            // Binary messages hold anything.
            let data = client_frame(true, false, Binary, bytes);
            assert_eq!(feed_all_ways(|| server(100), &data).1, None);
            let mut loose = Decoder::new(Config { check_utf8: false, ..Config::server(100) }, None);
            let data = client_frame(true, false, Text, bytes);
            assert_eq!(feed(&mut loose, [&data[..]]), (vec![(Text, true, bytes.to_vec())], None));
        }
    }
    assert_eq!(Error::InvalidUtf8.close_code(), 1007);
    // Fails at once: neither the rest of the frame nor of the message is waited for.
    let data = client_frame(false, false, Text, b"abc\xf4\x90 and so on");
    assert_eq!(feed(&mut server(100), [&data[..6 + 4]]).1, None);
    assert_eq!(feed(&mut server(100), [&data[..6 + 5]]).1, Some(Error::InvalidUtf8));
}

#[test]
fn group_7_closing() {
    check(vec![
        Case { name: "empty", frames: vec![(true, Close, b"")], delivered: vec![(Close, b"")], error: None },
        Case { name: "one byte", frames: vec![(true, Close, b"\x03")], delivered: vec![], error: Some(Error::BadClose) },
        Case { name: "code", frames: vec![(true, Close, b"\x03\xe8")], delivered: vec![(Close, b"\x03\xe8")], error: None },
        Case {
            name: "reason",
            frames: vec![(true, Close, b"\x03\xe8bye")],
            delivered: vec![(Close, b"\x03\xe8bye")],
            error: None,
        },
        Case {
            name: "bad reason",
            frames: vec![(true, Close, b"\x03\xe8\xce\xba\xff")],
            delivered: vec![],
            error: Some(Error::InvalidUtf8),
        },
        Case { name: "fragmented", frames: vec![(false, Close, b"")], delivered: vec![], error: Some(Error::ControlFragmented) },
    ]);
    for code in [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999] {
        let (payload, len) = CloseFrame::payload(code, b"r").expect("short");
        assert_eq!(CloseFrame::parse(&payload[..len]), Ok(CloseFrame { code: Some(code), reason: b"r" }));
    }
    for code in [0u16, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535] {
        assert_eq!(CloseFrame::parse(&code.to_be_bytes()), Err(Error::BadClose), "{code}");
    }
    assert!(CloseFrame::payload(1000, &[b'x'; 123]).is_some());
    assert!(CloseFrame::payload(1000, &[b'x'; 124]).is_none());
}

#[test]
fn group_9_limits() {
    let max = 1000;
    let make = || server(max);
    assert_eq!(feed_all_ways(make, &client_frame(true, false, Binary, &[1; 1000])).1, None);
    // Refused by the header alone: a length of 2^62 allocates nothing.
    let header = [0x82, 0xff, 0x40, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4];
    assert_eq!(feed_all_ways(make, &header), (vec![], Some(Error::TooBig { max })));
    assert_eq!(Error::TooBig { max }.close_code(), 1009);
    let mut data = client_frame(false, false, Binary, &[1; 600]);
    data.extend(client_frame(true, false, Continuation, &[1; 401]));
    assert_eq!(feed_all_ways(make, &data), (vec![], Some(Error::TooBig { max })));
}

#[test]
fn masks_and_lengths() {
    assert_eq!(feed_all_ways(|| server(100), b"\x81\x02hi").1, Some(Error::MaskMissing));
    let client = || Decoder::new(Config::client(100), None);
    assert_eq!(feed_all_ways(client, &client_frame(true, false, Text, b"hi")).1, Some(Error::MaskForbidden));
    let any = || Decoder::new(Config { mask: MaskRule::Any, ..Config::server(100) }, None);
    assert_eq!(feed_all_ways(any, b"\x81\x02hi").1, None);
    // Not the shortest form; the highest bit of a 64-bit length.
    assert_eq!(feed_all_ways(client, b"\x81\x7e\x00\x02hi").1, Some(Error::BadLength));
    assert_eq!(feed_all_ways(client, b"\x81\x7f\0\0\0\0\0\0\0\x02hi").1, Some(Error::BadLength));
    assert_eq!(feed_all_ways(client, &[0x81, 0x7f, 0x80, 0, 0, 0, 0, 0, 0, 0]).1, Some(Error::BadLength));
}
