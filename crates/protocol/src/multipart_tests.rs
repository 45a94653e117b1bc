use futures_util::{FutureExt, stream};
use proptest::prelude::*;

use super::*;

type Parts = Vec<(PartHead, Vec<u8>)>;

/// Feeds `wire` in pieces, giving again what was not consumed, as a caller would.
fn collect(boundary: &[u8], wire: &[u8], step: usize) -> Result<Parts, MultipartError> {
    let mut parser = Multipart::new(boundary, Limits::default())?;
    let (mut parts, mut used, mut end, mut open) = (Parts::new(), 0, 0, false);
    while end < wire.len() {
        end = (end + step).min(wire.len());
        loop {
            let found = parser.next(&wire[used..end])?;
            let from = used;
            used += found.consumed;
            match found.event {
                Event::NeedMore => break,
                Event::PartHead(head) => {
                    assert!(!std::mem::replace(&mut open, true));
                    parts.push((head, Vec::new()));
                }
                Event::Data(range) => {
                    assert!(open && !range.is_empty());
                    parts.last_mut().expect("open").1.extend_from_slice(&wire[from..][range]);
                }
                Event::PartEnd => assert!(std::mem::replace(&mut open, false)),
                Event::End => break,
            }
        }
    }
    parser.finish().map(|()| parts)
}

const WIRE: &[u8] = b"preamble\r\n--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx\r\n--\r\n\r\r\n--C y\r\n--B \t\r\ncontent-disposition: form-data; filename=\"C:\\a\\\"b.txt\"; name=f\r\nContent-Type: text/plain\r\n\r\n\r\n--B\r\n\r\nno head\r\n--B--\r\nepilogue";

#[test]
fn every_split_gives_the_same() {
    for step in 1..=WIRE.len() {
        let parts = collect(b"B", WIRE, step).unwrap_or_else(|e| panic!("step {step}: {e}"));
        assert_eq!(parts.len(), 3);
        assert_eq!(parts[0].0.name.as_deref(), Some(&b"a"[..]));
        assert_eq!(parts[0].1, b"x\r\n--\r\n\r\r\n--C y");
        assert_eq!(parts[1].0.name.as_deref(), Some(&b"f"[..]));
        assert_eq!(parts[1].0.filename.as_deref(), Some(&b"C:\\a\"b.txt"[..]));
        assert_eq!(parts[1].0.content_type.as_deref(), Some(&b"text/plain"[..]));
        assert_eq!((parts[1].1.len(), parts[2].1.as_slice()), (0, &b"no head"[..]));
        assert_eq!(parts[2].0, PartHead::default());
    }
    // A head directly followed by the delimiter: an empty body.
    let bare = b"--B\r\nA: b\r\n\r\n--B--";
    assert_eq!(collect(b"B", bare, 1).expect("valid")[0].1, b"");
    assert_eq!(collect(b"B", b"--B--", 1), Ok(Vec::new()));
}

#[test]
fn bad_bodies_are_refused() {
    assert_eq!(collect(b"B", b"--B\r\nA: b\r\n\r\ndata", 3), Err(MultipartError::Truncated));
    assert_eq!(collect(b"B", b"", 3), Err(MultipartError::Truncated));
    assert_eq!(collect(b"B", b"--BX\r\n", 3), Err(MultipartError::Delimiter));
    assert_eq!(collect(b"B", b"--B\r\nno colon\r\n\r\n", 3), Err(MultipartError::Head));
    assert_eq!(collect(b"", b"", 3), Err(MultipartError::Boundary));
    let long = [b"--B\r\nA: ".as_slice(), &vec![b'x'; 20_000]].concat();
    assert_eq!(collect(b"B", &long, 1000), Err(MultipartError::HeadTooLarge));
    // A head of just the limit passes at every split, one byte more at none.
    for (size, fits) in [(16 * 1024, true), (16 * 1024 + 1, false)] {
        let head = [b"A: ".as_slice(), &vec![b'x'; size - 5]].concat();
        let wire = [b"--B\r\n".as_slice(), &head, b"\r\n\r\n\r\n--B--"].concat();
        for step in [1, 7, wire.len()] {
            assert_eq!(collect(b"B", &wire, step).is_ok(), fits, "{size} by {step}");
        }
    }
    let mut parser = Multipart::new(b"B", Limits { max_parts: 1, ..Limits::default() }).expect("valid");
    let wire = b"--B\r\n\r\n1\r\n--B\r\n\r\n2";
    let mut at = 0;
    let error = loop {
        match parser.next(&wire[at..]) {
            Ok(step) => at += step.consumed,
            Err(error) => break error,
        }
    };
    assert_eq!(error, MultipartError::TooManyParts);
}

#[test]
fn boundaries_and_parameters() {
    assert_eq!(boundary(b"Multipart/Form-Data; charset=x; boundary=abc"), Some(b"abc".to_vec()));
    assert_eq!(boundary(b"multipart/form-data;boundary=\"a b;c\""), Some(b"a b;c".to_vec()));
    assert_eq!(boundary(b"multipart/form-data; boundary="), None);
    assert_eq!(boundary(b"multipart/form-data"), None);
    assert_eq!(boundary(b"text/plain; boundary=x"), None);
    assert_eq!(parameter(b"form-data; filename=\"name=\\\"x\"; name=\"y\"", b"name"), Some(b"y".to_vec()));
    assert_eq!(parameter(b"form-data; name=\"open", b"name"), Some(b"open".to_vec()));
    assert_eq!(parameter(b"form-data; name", b"name"), Some(Vec::new()));
    assert_eq!(parameter(b"form-data;;; =; x=\\", b"name"), None);
}

fn oracle(boundary: &str, wire: &[u8]) -> Vec<(Option<String>, Option<String>, Vec<u8>)> {
    let body = stream::iter([Ok::<_, std::io::Error>(bytes::Bytes::copy_from_slice(wire))]);
    let mut parser = multer::Multipart::new(body, boundary);
    let mut parts = Vec::new();
    // The stream is always ready, so these futures never wait.
    while let Some(field) = parser.next_field().now_or_never().expect("ready").expect("valid") {
        let (name, file) = (field.name().map(str::to_owned), field.file_name().map(str::to_owned));
        parts.push((name, file, field.bytes().now_or_never().expect("ready").expect("valid").to_vec()));
    }
    parts
}

proptest! {
    #[test]
    fn agrees_with_another_implementation(
        parts in proptest::collection::vec(("[a-z]{1,8}", proptest::option::of("[a-z]{1,8}\\.txt"), proptest::collection::vec(proptest::sample::select(&b"\r\n-Bx\0\xff"[..]), 0..60)), 1..5),
        step in 1usize..40,
    ) {
        let boundary = "B-x-B";
        let mut wire = Vec::new();
        for (name, file, data) in &parts {
            prop_assume!(memchr::memmem::find(data, b"--B-x-B").is_none());
            wire.extend_from_slice(format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"").as_bytes());
            if let Some(file) = file {
                wire.extend_from_slice(format!("; filename=\"{file}\"\r\nContent-Type: text/plain").as_bytes());
            }
            wire.extend_from_slice(b"\r\n\r\n");
            wire.extend_from_slice(data);
            wire.extend_from_slice(b"\r\n");
        }
        wire.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
        let text = |v: Option<Vec<u8>>| v.map(|v| String::from_utf8(v).expect("ascii"));
        let ours: Vec<_> = collect(boundary.as_bytes(), &wire, step).expect("valid").into_iter()
            .map(|(head, data)| (text(head.name), text(head.filename), data)).collect();
        let meant: Vec<_> = parts.into_iter().map(|(n, f, d)| (Some(n), f, d)).collect();
        prop_assert_eq!(&ours, &meant);
        prop_assert_eq!(ours, oracle(boundary, &wire));
    }

    #[test]
    fn garbage_never_panics(edits in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..8), step in 1usize..50) {
        let mut wire = WIRE.to_vec();
        for (at, byte) in edits {
            let at = at.index(wire.len());
            wire[at] = byte;
        }
        let whole = collect(b"B", &wire, wire.len());
        let pieces = collect(b"B", &wire, step);
        prop_assert_eq!(whole, pieces);
    }
}
