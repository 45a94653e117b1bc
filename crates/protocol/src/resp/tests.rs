use super::*;
use proptest::prelude::*;
use redis_protocol::resp2::decode::decode;
use redis_protocol::resp2::types::OwnedFrame;

type Requests = Vec<Vec<Option<Vec<u8>>>>;

fn feed<'a>(limits: Limits, pieces: impl IntoIterator<Item = &'a [u8]>) -> (Requests, Result<Vec<u8>, Error>) {
    let mut parser = RequestParser::new(limits);
    let mut buf = Vec::new();
    let mut requests = Vec::new();
    for piece in pieces {
        buf.extend_from_slice(piece);
        let mut at = 0;
        loop {
            match parser.next(&buf[at..]) {
                Ok(Step::Request { consumed }) => {
                    requests.push(parser.args(&buf[at..]).map(|arg| arg.map(<[u8]>::to_vec)).collect());
                    at += consumed;
                }
                Ok(Step::NeedMore { hint }) => {
                    assert!(hint > 0);
                    break;
                }
                Err(error) => return (requests, Err(error)),
            }
        }
        buf.drain(..at);
    }
    (requests, Ok(buf))
}

fn limits() -> Limits {
    Limits::within(1 << 20)
}

fn request(args: &[&[u8]]) -> Vec<Option<Vec<u8>>> {
    args.iter().map(|arg| Some(arg.to_vec())).collect()
}

#[test]
fn requests_of_every_kind_cut_anywhere() {
    let data = b"*2\r\n$3\r\nGET\r\n$5\r\nk\r\ny1\r\n*1\r\n$0\r\n\r\nPING\r\n*3\r\n$3\r\nSET\r\n:42\r\n$-1\r\n\
        *0\r\n\r\n  set \"a b\\x41\\n\\\"\" 'c\\'\\n' d\te  \n*-1\r\n*1\r\n$4\r\nQU";
    let expected: Requests = vec![
        request(&[b"GET", b"k\r\ny1"]),
        request(&[b""]),
        request(&[b"PING"]),
        vec![Some(b"SET".to_vec()), Some(b"42".to_vec()), None],
        vec![],
        vec![],
        request(&[b"set", b"a bA\n\"", b"c'\\n", b"d", b"e"]),
        vec![],
    ];
    let rest = b"*1\r\n$4\r\nQU".to_vec();
    for cut in 0..=data.len() {
        let got = feed(limits(), [&data[..cut], &data[cut..]]);
        assert_eq!(got, (expected.clone(), Ok(rest.clone())), "cut at {cut}");
    }
    assert_eq!(feed(limits(), data.chunks(1)), (expected, Ok(rest)));
}

#[test]
fn a_big_bulk_is_awaited_by_its_length() {
    let mut parser = RequestParser::new(limits());
    let mut buf = b"*2\r\n$3\r\nSET\r\n$100000\r\nabc".to_vec();
    assert_eq!(parser.next(&buf), Ok(Step::NeedMore { hint: 100_000 - 3 + 2 }));
    buf.resize(buf.len() + 99_997, b'x');
    assert_eq!(parser.next(&buf), Ok(Step::NeedMore { hint: 2 }));
    buf.extend_from_slice(b"\r\n");
    assert_eq!(parser.next(&buf), Ok(Step::Request { consumed: buf.len() }));
    assert_eq!(parser.args(&buf).nth(1).flatten().map(<[u8]>::len), Some(100_000));
}

#[test]
fn errors() {
    for (data, error) in [
        (&b"*x\r\n"[..], Error::BadCount),
        (b"*1048577\r\n", Error::BadCount),
        (b"*99999999999999999999\r\n", Error::BadCount),
        (b"*1\n", Error::BadCount),
        (b"*11111111111111111111111111111111111", Error::BadCount),
        (b"*1\r\n$x\r\n", Error::BadBulkLength),
        (b"*1\r\n$-2\r\n", Error::BadBulkLength),
        (b"*1\r\n$536870913\r\n", Error::BadBulkLength),
        (b"*1\r\n+OK\r\n", Error::ExpectedBulk(b'+')),
        (b"*1\r\n$2\r\nabc\r\n", Error::MissingEnd),
        (b"get \"open\r\n", Error::UnbalancedQuotes),
        (b"get 'open\r\n", Error::UnbalancedQuotes),
        (b"get \"a\"b\r\n", Error::UnbalancedQuotes),
        (b"*1\r\n$2000000\r\n", Error::TooLarge),
        (&[b'a'; 70_000], Error::TooLarge),
    ] {
        assert_eq!(feed(limits(), [data]), (vec![], Err(error)), "{}", data.escape_ascii());
        assert_eq!(feed(limits(), data.chunks(1)), (vec![], Err(error)));
        assert!(error.to_string().starts_with("ERR Protocol error"));
    }
    // The limit counts the whole request, and the missing part of it.
    let small = Limits::within(20);
    assert_eq!(feed(small, [&b"*1\r\n$10\r\n"[..]]), (vec![], Err(Error::TooLarge)));
    assert_eq!(feed(small, [&b"*1\r\n$9\r\n012345678\r\n"[..]]).0.len(), 1);
}

#[test]
fn replies_are_what_another_implementation_reads() {
    let mut out = Vec::new();
    reply::nil(&mut out);
    reply::status(&mut out, b"OK");
    reply::error(&mut out, b"ERR two\r\nlines");
    reply::int(&mut out, i64::MIN);
    reply::string(&mut out, b"");
    reply::string(&mut out, b"a\r\nb\0");
    reply::set(&mut out, 2);
    reply::int(&mut out, 1);
    reply::set(&mut out, 0);
    reply::map(&mut out, 1);
    reply::string(&mut out, b"key");
    reply::nil(&mut out);
    reply::unknown_command(&mut out, b"FOO");
    let bulk = |bytes: &[u8]| OwnedFrame::BulkString(bytes.to_vec());
    for expected in [
        OwnedFrame::Null,
        OwnedFrame::SimpleString(b"OK".to_vec()),
        OwnedFrame::Error("ERR two  lines".into()),
        OwnedFrame::Integer(i64::MIN),
        bulk(b""),
        bulk(b"a\r\nb\0"),
        OwnedFrame::Array(vec![OwnedFrame::Integer(1), OwnedFrame::Array(vec![])]),
        OwnedFrame::Array(vec![bulk(b"key"), OwnedFrame::Null]),
        OwnedFrame::Error("ERR unknown command 'FOO'".into()),
    ] {
        let (frame, consumed) = decode(&out).expect("well formed").expect("whole");
        assert_eq!(frame, expected);
        out.drain(..consumed);
    }
    assert!(out.is_empty());
}

/// Found by the fuzzer: five arguments that cannot fit were refused only where their count came by itself.
#[test]
fn too_many_arguments_are_refused_however_they_are_cut() {
    let small = Limits { max_args: 8, max_bulk: 8, max_inline: 8, max_request: 16 };
    for data in [&b"*5\r\n$$$$$`"[..], b"*5\r\n$1", b"*3\r\n$1\r\na\r\n$"] {
        for step in 1..=data.len() {
            assert_eq!(feed(small, data.chunks(step)), (vec![], Err(Error::TooLarge)), "{step}");
        }
    }
}

proptest! {
    #[test]
    fn pipelines_survive_any_cutting(
        requests in prop::collection::vec(
            prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 1..5), 0..8),
        step in 1usize..50,
    ) {
        let mut data = Vec::new();
        for args in &requests {
            reply::set(&mut data, args.len());
            args.iter().for_each(|arg| reply::string(&mut data, arg));
        }
        let expected: Requests = requests
            .iter()
            .map(|args| args.iter().cloned().map(Some).collect())
            .collect();
        prop_assert_eq!(feed(limits(), data.chunks(step)), (expected, Ok(vec![])));
    }

    #[test]
    fn garbage_never_panics(
        data in prop::collection::vec(prop_oneof![prop::sample::select(b"*$:-12\r\n\"'\\x ".to_vec()), any::<u8>()], 0..100),
        step in 1usize..10,
    ) {
        let small = Limits { max_args: 8, max_bulk: 50, max_inline: 40, max_request: 80 };
        let (whole, error) = feed(small, [&data[..]]);
        let (cut, cut_error) = feed(small, data.chunks(step));
        prop_assert_eq!(whole, cut);
        prop_assert_eq!(error.is_err(), cut_error.is_err());
    }
}

fn replies(pieces: impl IntoIterator<Item = Vec<u8>>) -> Result<Vec<client::Reply>, client::ReplyError> {
    let mut parser = client::ReplyParser::default();
    let (mut buffer, mut replies) = (Vec::new(), Vec::new());
    for piece in pieces {
        buffer.extend_from_slice(&piece);
        loop {
            match parser.next(&buffer)? {
                client::ReplyStep::Reply { reply, consumed } => {
                    buffer.drain(..consumed);
                    replies.push(reply);
                }
                client::ReplyStep::NeedMore { consumed, hint } => {
                    assert!(hint > 0);
                    buffer.drain(..consumed);
                    break;
                }
            }
        }
    }
    Ok(replies)
}

/// The same as the redis-protocol crate has it.
fn oracle(frame: OwnedFrame) -> client::Reply {
    match frame {
        OwnedFrame::SimpleString(text) => client::Reply::Status(text),
        OwnedFrame::Error(text) => client::Reply::Error(text.into_bytes()),
        OwnedFrame::Integer(number) => client::Reply::Int(number),
        OwnedFrame::BulkString(bytes) => client::Reply::Bulk(bytes),
        OwnedFrame::Array(all) => client::Reply::Array(all.into_iter().map(oracle).collect()),
        OwnedFrame::Null => client::Reply::Nil,
    }
}

fn any_reply() -> impl Strategy<Value = Vec<u8>> {
    let leaf = prop_oneof![
        "[A-Z ]{0,12}".prop_map(|text| format!("+{text}\r\n").into_bytes()),
        "[A-Z ]{0,12}".prop_map(|text| format!("-ERR {text}\r\n").into_bytes()),
        any::<i64>().prop_map(|number| format!(":{number}\r\n").into_bytes()),
        Just(b"$-1\r\n".to_vec()),
        proptest::collection::vec(any::<u8>(), 0..40).prop_map(|bytes| {
            let mut out = Vec::new();
            reply::string(&mut out, &bytes);
            out
        }),
    ];
    leaf.prop_recursive(4, 32, 5, |inner| {
        proptest::collection::vec(inner, 0..5).prop_map(|all| {
            let mut out = Vec::new();
            reply::set(&mut out, all.len());
            out.extend(all.concat());
            out
        })
    })
}

proptest! {
    #[test]
    fn replies_as_another_parser_reads_them_wherever_they_are_cut(
        all in proptest::collection::vec(any_reply(), 1..5),
        size in 1_usize..9,
    ) {
        let bytes = all.concat();
        let expected: Vec<_> = all
            .iter()
            .map(|one| oracle(decode(one).expect("well formed").expect("whole").0))
            .collect();
        let pieces = bytes.chunks(size).map(<[u8]>::to_vec);
        prop_assert_eq!(replies(pieces), Ok(expected));
    }
}

#[test]
fn replies_that_are_none() {
    use client::ReplyError as E;
    let of = |bytes: &[u8]| replies([bytes.to_vec()]).unwrap_err();
    assert_eq!(of(b"HTTP/1.1 400\r\n"), E::UnknownType(b'H'));
    assert_eq!(of(b"\n"), E::UnknownType(b'\n'));
    assert_eq!(of(b":12a\r\n"), E::BadNumber);
    assert_eq!(of(b"+OK\n"), E::MissingEnd);
    assert_eq!(of(b"$2\r\nabcd"), E::MissingEnd);
    assert_eq!(of(b"$-2\r\n"), E::TooLarge);
    assert_eq!(of(b"*99999999999\r\n"), E::TooLarge);
    assert_eq!(of(&b"*1\r\n".repeat(40)), E::TooDeep);
    assert_eq!(of(&[b'+'; 70_000]), E::TooLarge);
}

#[test]
fn a_command_is_what_a_server_reads() {
    let mut out = Vec::new();
    client::push_command(&mut out, [&b"SET"[..], b"k", b"a\r\nb"].into_iter());
    let (requests, rest) = feed(limits(), [&out[..]]);
    assert_eq!(requests, vec![request(&[b"SET", b"k", b"a\r\nb"])]);
    assert_eq!(rest, Ok(Vec::new()));
}
