//! The examples printed in RFC 6455, section 5.7, and RFC 7692, section 7.2.3.
use super::*;
use proptest::prelude::*;

fn text(payload: &str) -> (Opcode, bool, Vec<u8>) {
    (Opcode::Text, true, payload.as_bytes().to_vec())
}

fn client() -> Decoder {
    Decoder::new(Config::client(1 << 20), None)
}

#[test]
fn frames_of_section_5_7() {
    let hello = [0x81, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f];
    assert_eq!(feed_all_ways(client, &hello), (vec![text("Hello")], None));
    let masked = [0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58];
    assert_eq!(feed_all_ways(|| server(100), &masked), (vec![text("Hello")], None));
    let fragments = [0x01, 0x03, 0x48, 0x65, 0x6c, 0x80, 0x02, 0x6c, 0x6f];
    assert_eq!(feed_all_ways(client, &fragments), (vec![text("Hello")], None));
    let ping = [0x89, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f];
    assert_eq!(feed_all_ways(client, &ping).0, [(Opcode::Ping, true, b"Hello".to_vec())]);

    let mut out = Vec::new();
    frame::encode(&mut out, true, false, Opcode::Text, None, b"Hello");
    assert_eq!(out, hello);
    assert_eq!(client_frame(true, false, Opcode::Text, b"Hello"), masked);
    for (len, head) in [
        (256usize, &[0x82, 0x7e, 0x01, 0x00][..]),
        (65536, &[0x82, 0x7f, 0, 0, 0, 0, 0, 1, 0, 0]),
        (125, &[0x82, 125]),
        (126, &[0x82, 126, 0, 126]),
        (65535, &[0x82, 126, 0xff, 0xff]),
    ] {
        out.clear();
        frame::encode(&mut out, true, false, Opcode::Binary, None, &vec![7; len]);
        assert_eq!(&out[..head.len()], head);
        assert_eq!(out.len(), head.len() + len);
        assert_eq!(feed(&mut client(), [&out[..]]).0, [(Opcode::Binary, true, vec![7; len])]);
    }
}

fn inflating() -> Decoder {
    Decoder::new(Config::client(1 << 20), Some(Inflater::new(15, true)))
}

#[test]
fn compressed_messages_of_rfc_7692() {
    // 7.2.3.1: one compressed frame, and in two fragments.
    let one = [0xc1, 0x07, 0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];
    assert_eq!(feed_all_ways(inflating, &one), (vec![text("Hello")], None));
    let two = [0x41, 0x03, 0xf2, 0x48, 0xcd, 0x80, 0x04, 0xc9, 0xc9, 0x07, 0x00];
    assert_eq!(feed_all_ways(inflating, &two), (vec![text("Hello")], None));
    // 7.2.3.2: the window is shared with the message before.
    let mut shared = one.to_vec();
    shared.extend_from_slice(&[0xc1, 0x05, 0xf2, 0x00, 0x11, 0x00, 0x00]);
    assert_eq!(feed_all_ways(inflating, &shared), (vec![text("Hello"), text("Hello")], None));
    // 7.2.3.3: a block without compression.
    let stored = [0xc1, 0x0b, 0x00, 0x05, 0x00, 0xfa, 0xff, 0x48, 0x65, 0x6c, 0x6c, 0x6f, 0x00];
    assert_eq!(feed_all_ways(inflating, &stored), (vec![text("Hello")], None));
    // 7.2.3.4: a block with BFINAL set; then one more message.
    let mut last = vec![0xc1, 0x08, 0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00];
    last.extend_from_slice(&one);
    assert_eq!(feed_all_ways(inflating, &last), (vec![text("Hello"), text("Hello")], None));
    // 7.2.3.5: two blocks in one message.
    let blocks = [0xc1, 0x0d, 0xf2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xff, 0xff, 0xca, 0xc9, 0xc9, 0x07, 0x00];
    assert_eq!(feed_all_ways(inflating, &blocks), (vec![text("Hello")], None));
    // 7.2.3.6: an empty message.
    let empty = [0xc1, 0x01, 0x00];
    assert_eq!(feed_all_ways(inflating, &empty), (vec![text("")], None));

    let mut out = Vec::new();
    let mut encoder = Encoder::new(Some(Deflater::new(15, true, 6)));
    encoder.message(&mut out, Opcode::Text, true, None, b"Hello");
    encoder.message(&mut out, Opcode::Text, true, None, b"Hello");
    encoder.message(&mut out, Opcode::Text, true, None, b"");
    assert_eq!(out[..9], one);
    assert_eq!(out.last(), Some(&0));
    assert_eq!(feed_all_ways(inflating, &out).0, [text("Hello"), text("Hello"), text("")]);
}

#[test]
fn a_bomb_stops_at_the_limit() {
    let mut deflater = Deflater::new(15, false, 9);
    let mut packed = Vec::new();
    deflater.push(&vec![0; 8 << 20], true, &mut packed);
    let bomb = client_frame(true, true, Opcode::Binary, &packed);
    for (max, fails) in [(1 << 20, true), ((8 << 20) - 1, true), (8 << 20, false)] {
        let mut decoder = Decoder::new(Config::server(max), Some(Inflater::new(15, false)));
        let (frames, error) = feed(&mut decoder, [&bomb[..]]);
        assert_eq!(error, fails.then_some(Error::TooBig { max }));
        assert_eq!(frames.len(), usize::from(!fails));
        assert!(decoder.message().len() <= max + 1);
    }
}

#[test]
fn broken_deflate_fails_the_connection() {
    let make = || Decoder::new(Config::server(1000), Some(Inflater::new(15, true)));
    let bad = client_frame(true, true, Opcode::Binary, &[0xff; 20]);
    assert_eq!(feed_all_ways(make, &bad), (vec![], Some(Error::BadDeflate)));
    let bad_text = {
        let mut packed = Vec::new();
        Deflater::new(15, true, 6).push(b"caf\xe9!", true, &mut packed);
        client_frame(true, true, Opcode::Text, &packed)
    };
    assert_eq!(feed_all_ways(make, &bad_text), (vec![], Some(Error::InvalidUtf8)));
}

#[test]
fn without_joining_fragments_come_one_by_one() {
    let make = || Decoder::new(Config { join: false, ..Config::server(10) }, None);
    let mut data = client_frame(false, false, Opcode::Text, "h\u{e9}".as_bytes());
    data.extend(client_frame(true, false, Opcode::Ping, b"?"));
    data.extend(client_frame(false, false, Opcode::Continuation, b"llo 12345"));
    data.extend(client_frame(true, false, Opcode::Continuation, b"!"));
    let expected = vec![
        (Opcode::Text, false, "h\u{e9}".as_bytes().to_vec()),
        (Opcode::Ping, true, b"?".to_vec()),
        (Opcode::Continuation, false, b"llo 12345".to_vec()),
        (Opcode::Continuation, true, b"!".to_vec()),
    ];
    assert_eq!(feed_all_ways(make, &data), (expected, None));
}

#[test]
fn small_frames_of_one_buffer_need_no_allocation() {
    let mut data = Vec::new();
    for _ in 0..1000 {
        data.extend(client_frame(true, false, Opcode::Text, b"tick"));
    }
    let mut decoder = server(100);
    let (mut at, mut count) = (0, 0);
    while let Ok(Step::Frame { frame, consumed }) = decoder.next(&mut data[at..]) {
        assert!(matches!(frame.payload, Payload::InPlace(_)));
        assert_eq!(decoder.payload(&frame, &data[at..]), b"tick");
        at += consumed;
        count += 1;
    }
    assert_eq!((at, count), (data.len(), 1000));
    assert_eq!(decoder.take_message().capacity(), 0);
}

fn messages() -> impl Strategy<Value = Vec<(bool, Vec<Vec<u8>>, bool)>> {
    let fragment = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..300),
        (any::<u8>(), 0usize..70_000).prop_map(|(byte, len)| vec![byte; len]),
    ];
    prop::collection::vec((any::<bool>(), prop::collection::vec(fragment, 1..4), any::<bool>()), 0..6)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn round_trip(
        messages in messages(),
        bits in prop::option::of(8u8..=15),
        takeover in any::<bool>(),
        level in 0u32..=9,
        from_client in any::<bool>(),
        step in 1usize..5000,
    ) {
        let mut encoder = Encoder::new(bits.map(|bits| Deflater::new(bits, takeover, level)));
        let config = if from_client { Config::server(1 << 20) } else { Config::client(1 << 20) };
        let mut decoder = Decoder::new(config, bits.map(|bits| Inflater::new(bits, takeover)));
        let mut wire = Vec::new();
        let mut expected = Vec::new();
        let mask = from_client.then_some(KEY);
        for (compress, fragments, ping) in &messages {
            for (i, fragment) in fragments.iter().enumerate() {
                let opcode = if i == 0 { Opcode::Binary } else { Opcode::Continuation };
                encoder.push(&mut wire, opcode, i + 1 == fragments.len(), *compress, mask, fragment);
                if *ping {
                    encoder.message(&mut wire, Opcode::Ping, true, mask, b"p");
                    expected.push((Opcode::Ping, true, b"p".to_vec()));
                }
            }
            let at = expected.len() - usize::from(*ping);
            expected.insert(at, (Opcode::Binary, true, fragments.concat()));
        }
        let (frames, error) = feed(&mut decoder, wire.chunks(step));
        prop_assert_eq!(error, None);
        prop_assert!(frames == expected);
    }

    #[test]
    fn garbage_never_panics(data in prop::collection::vec(any::<u8>(), 0..200), deflate in any::<bool>(), join in any::<bool>(), step in 1usize..20) {
        let config = Config { mask: MaskRule::Any, join, ..Config::server(150) };
        let make = || Decoder::new(config, deflate.then(|| Inflater::new(9, true)));
        let whole = feed(&mut make(), [&data[..]]);
        let pieces = feed(&mut make(), data.chunks(step));
        prop_assert_eq!(whole, pieces);
    }

    #[test]
    fn inflating_garbage_never_panics(data in prop::collection::vec(any::<u8>(), 0..200), fin in any::<bool>()) {
        let mut out = Vec::new();
        let _ = Inflater::new(15, true).push(&data, fin, &mut out, 10_000);
        prop_assert!(out.len() <= 10_001);
    }
}
