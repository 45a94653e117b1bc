use super::*;
use proptest::prelude::*;

/// Feeds `data` in pieces and collects the packets, as a connection's read loop does.
fn run(framer: &mut Framer, pieces: &[&[u8]]) -> (Vec<Vec<u8>>, Result<Vec<u8>, FrameError>) {
    let mut buf: Vec<u8> = Vec::new();
    let mut packets = Vec::new();
    for piece in pieces {
        buf.extend_from_slice(piece);
        let mut frames = framer.frames(&buf);
        for range in &mut frames {
            packets.push(buf[range].to_vec());
        }
        let consumed = frames.consumed();
        match frames.finish() {
            Ok(hint) => assert!(hint > 0),
            Err(error) => return (packets, Err(error)),
        }
        buf.drain(..consumed);
    }
    (packets, Ok(buf))
}

fn eof(marker: &[u8]) -> Eof {
    Eof::new(marker).expect("marker")
}

#[test]
fn markers_are_one_to_eight_bytes() {
    assert!(Eof::new(b"").is_none());
    assert!(Eof::new(b"123456789").is_none());
    assert_eq!(eof(b"12345678").marker(), b"12345678");
}

#[test]
fn eof_split_cuts_at_every_marker_wherever_the_reads_fall() {
    let data = b"one\r\n\r\ntwo\r\n\r\n\r\n\r\nthree\r\n\r";
    let whole = ["one\r\n\r\n", "two\r\n\r\n", "\r\n\r\n"].map(|s| s.as_bytes().to_vec());
    for cut in 0..=data.len() {
        let (a, b) = data.split_at(cut);
        let mut framer = Framer::eof_split(eof(b"\r\n\r\n"), 100);
        let (packets, rest) = run(&mut framer, &[a, b]);
        assert_eq!(packets, whole, "cut at {cut}");
        assert_eq!(rest.expect("open"), b"three\r\n\r");
    }
}

#[test]
fn eof_split_limits_count_the_marker() {
    let mut framer = Framer::eof_split(eof(b"\n"), 5);
    assert_eq!(framer.next(b"1234\n"), Ok(Step::Frame(0..5)));
    assert_eq!(framer.next(b"12345\n"), Err(FrameError::TooLarge { length: 6, max: 5 }));
    let mut framer = Framer::eof_split(eof(b"\n"), 5);
    assert_eq!(framer.next(b"1234"), Ok(Step::NeedMore { hint: 1 }));
    assert_eq!(framer.next(b"12345"), Err(FrameError::TooLarge { length: 5, max: 5 }));
}

#[test]
fn eof_check_delivers_what_ends_with_the_marker_as_one() {
    let mut framer = Framer::eof_check(eof(b"\r\n"), 12);
    assert_eq!(framer.next(b"a\r\nb"), Ok(Step::NeedMore { hint: 1 }));
    assert_eq!(framer.next(b"a\r\nb\r\n"), Ok(Step::Frame(0..6)));
    assert_eq!(framer.next(b"0123456789\r\n"), Ok(Step::Frame(0..12)));
    assert!(matches!(framer.next(b"0123456789ab"), Err(FrameError::TooLarge { .. })));
    assert!(matches!(framer.next(b"0123456789a\r\n"), Err(FrameError::TooLarge { .. })));
}

#[test]
fn every_pack_type_reads_its_bytes() {
    let bytes = [0x81u8, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08];
    for (letter, size, value) in [
        (b'c', 1, -127i64),
        (b'C', 1, 0x81),
        (b's', 2, i64::from(i16::from_ne_bytes([0x81, 2]))),
        (b'S', 2, i64::from(u16::from_ne_bytes([0x81, 2]))),
        (b'n', 2, 0x8102),
        (b'v', 2, 0x0281),
        (b'l', 4, i64::from(i32::from_ne_bytes([0x81, 2, 3, 4]))),
        (b'L', 4, i64::from(u32::from_ne_bytes([0x81, 2, 3, 4]))),
        (b'N', 4, 0x8102_0304),
        (b'V', 4, 0x0403_0281),
        (b'q', 8, i64::from_ne_bytes(bytes)),
        (b'Q', 8, i64::from_ne_bytes(bytes)),
        (b'J', 8, 0x8102_0304_0506_0708_u64 as i64),
        (b'P', 8, 0x0807_0605_0403_0281),
    ] {
        let kind = PackType::parse(letter).expect("known letter");
        assert_eq!(kind.size(), size);
        assert_eq!(kind.read(&bytes), Some(value), "{}", letter as char);
        assert_eq!(kind.read(&bytes[..size - 1]), None);
    }
    for letter in *b"aAiIhHfdgGeExXZ@ \0" {
        assert_eq!(PackType::parse(letter), None);
    }
}

#[test]
fn length_errors() {
    let mut all = LengthField::new(PackType::BigU32, 0, 0, 1000);
    assert_eq!(all.next(b"\0\0\0\0"), Err(FrameError::NoLength { received: 4 }));
    assert_eq!(all.next(b"\0\0\0\x03"), Err(FrameError::Malformed { received: 4 }));
    assert_eq!(all.next(b"\0\0\0\x04"), Ok(Step::Frame(0..4)));
    assert_eq!(all.next(b"\0\0\x03\xe8"), Ok(Step::NeedMore { hint: 996 }));
    assert_eq!(all.next(b"\0\0\x03\xe9"), Err(FrameError::TooLarge { length: 1001, max: 1000 }));
    let mut signed = LengthField::new(PackType::I8, 0, 1, 1000);
    assert_eq!(signed.next(b"\xff"), Err(FrameError::Malformed { received: 1 }));
    assert_eq!(signed.next(b"\0"), Ok(Step::Frame(0..1)));
    let mut huge = LengthField::new(PackType::BigU64, 0, 8, usize::MAX);
    assert_eq!(huge.next(&[0xff; 8]), Err(FrameError::Malformed { received: 8 }));
}

#[test]
fn a_field_behind_other_header_bytes() {
    // 2 bytes type, 4 bytes request id, length of the body, 2 bytes flags.
    let mut field = LengthField::new(PackType::LittleU16, 6, 10, 100);
    assert_eq!(field.next(b"ty"), Ok(Step::NeedMore { hint: 6 }));
    assert_eq!(field.next(b"ty1234\x03\0"), Ok(Step::NeedMore { hint: 5 }));
    assert_eq!(field.next(b"ty1234\x03\0flabc+"), Ok(Step::Frame(0..13)));
}

#[test]
fn a_length_function_is_asked_once_a_packet() {
    let asked = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let count = asked.clone();
    let function = move |head: &[u8]| {
        count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        PacketLength::from(match head[0] {
            b'?' => 0,
            b'!' => -1,
            digit => i64::from(digit - b'0'),
        })
    };
    let mut framer = Framer::function(Box::new(function), 6);
    let (packets, rest) = run(&mut framer, &[b"3", b"a", b"b4", b"cde"]);
    assert_eq!(packets, [b"3ab".to_vec(), b"4cde".to_vec()]);
    assert_eq!(rest, Ok(vec![]));
    assert_eq!(asked.load(std::sync::atomic::Ordering::Relaxed), 2);
    assert_eq!(framer.next(b"!"), Err(FrameError::Malformed { received: 1 }));
    assert_eq!(framer.next(b"9"), Err(FrameError::TooLarge { length: 9, max: 6 }));
    assert_eq!(framer.next(b"?"), Ok(Step::NeedMore { hint: 1 }));
    assert!(matches!(framer.next(b"??????"), Err(FrameError::TooLarge { .. })));
}

proptest! {
    #[test]
    fn length_packets_survive_any_cutting(
        bodies in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..12),
        letter in prop::sample::select(b"sSnvlLNVqQJP".to_vec()),
        step in 1usize..50,
    ) {
        let kind = PackType::parse(letter).expect("letter");
        let mut data = Vec::new();
        let mut expected = Vec::new();
        for body in &bodies {
            let mut packet = b"hd".to_vec();
            let n = body.len() as u64;
            match letter {
                b'n' | b'N' | b'J' => packet.extend_from_slice(&n.to_be_bytes()[8 - kind.size()..]),
                b'v' | b'V' | b'P' => packet.extend_from_slice(&n.to_le_bytes()[..kind.size()]),
                _ if cfg!(target_endian = "big") => packet.extend_from_slice(&n.to_be_bytes()[8 - kind.size()..]),
                _ => packet.extend_from_slice(&n.to_le_bytes()[..kind.size()]),
            }
            packet.extend_from_slice(body);
            data.extend_from_slice(&packet);
            expected.push(packet);
        }
        let pieces: Vec<&[u8]> = data.chunks(step).collect();
        let mut framer = Framer::length(LengthField::new(kind, 2, 2 + kind.size(), 1000));
        let (packets, rest) = run(&mut framer, &pieces);
        prop_assert_eq!(packets, expected);
        prop_assert_eq!(rest, Ok(vec![]));
    }

    #[test]
    fn eof_split_agrees_with_a_naive_search(
        data in prop::collection::vec(prop::sample::select(b"ab\r\n".to_vec()), 0..200),
        step in 1usize..20,
    ) {
        let mut expected = Vec::new();
        let mut start = 0;
        let mut at = 0;
        while at + 2 <= data.len() {
            if &data[at..at + 2] == b"\r\n" {
                expected.push(data[start..at + 2].to_vec());
                at += 2;
                start = at;
            } else {
                at += 1;
            }
        }
        let pieces: Vec<&[u8]> = data.chunks(step).collect();
        let mut framer = Framer::eof_split(eof(b"\r\n"), 1000);
        let (packets, rest) = run(&mut framer, &pieces);
        prop_assert_eq!(packets, expected);
        prop_assert_eq!(rest, Ok(data[start..].to_vec()));
    }

    #[test]
    fn garbage_never_panics_and_always_moves(
        data in prop::collection::vec(any::<u8>(), 0..300),
        which in 0usize..17,
        offset in 0usize..10,
        body in 0usize..20,
        max in 0usize..100,
    ) {
        let mut framer = match which {
            14 => Framer::mqtt(max),
            15 => Framer::eof_check(eof(b"\0"), max),
            16 => Framer::eof_split(eof(b"\0\0"), max),
            n => Framer::length(LengthField::new(
                PackType::parse(b"cCsSnvlLNVqQJP"[n]).expect("letter"), offset, body, max)),
        };
        let mut at = 0;
        while let Ok(Step::Frame(range)) = framer.next(&data[at..]) {
            prop_assert_eq!(range.start, 0);
            prop_assert!(range.end > 0 && range.end <= max);
            at += range.end;
            prop_assert!(at <= data.len());
        }
    }
}
