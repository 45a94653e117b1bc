use super::super::extension::{BadAnswer, accept, confirm, offer};
use super::*;
use proptest::prelude::*;

fn params(server_no: bool, client_no: bool, server_bits: u8, client_bits: u8) -> DeflateParams {
    DeflateParams {
        server_no_context_takeover: server_no,
        client_no_context_takeover: client_no,
        server_max_window_bits: server_bits,
        client_max_window_bits: client_bits,
    }
}

#[test]
fn a_server_takes_the_first_offer_that_it_can() {
    let policy = DeflatePolicy::default();
    for (header, expected) in [
        ("permessage-deflate", Some((params(false, false, 15, 15), "permessage-deflate"))),
        ("Permessage-Deflate ; client_max_window_bits", Some((params(false, false, 15, 15), "permessage-deflate"))),
        (
            "permessage-deflate; client_max_window_bits=\"10\"",
            Some((params(false, false, 15, 10), "permessage-deflate; client_max_window_bits=10")),
        ),
        (
            "permessage-deflate; server_max_window_bits=9",
            Some((params(false, false, 9, 15), "permessage-deflate; server_max_window_bits=9")),
        ),
        (
            "permessage-deflate; client_no_context_takeover; server_no_context_takeover; server_max_window_bits=8",
            Some((
                params(true, true, 8, 15),
                "permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=8",
            )),
        ),
        // Passed over: unknown, repeated, out of range, with a value too many or too few.
        ("permessage-deflate; foo", None),
        ("permessage-deflate; server_max_window_bits", None),
        ("permessage-deflate; server_max_window_bits=16", None),
        ("permessage-deflate; server_max_window_bits=7", None),
        ("permessage-deflate; server_max_window_bits=09", None),
        ("permessage-deflate; server_no_context_takeover=1", None),
        ("permessage-deflate; client_no_context_takeover; client_no_context_takeover", None),
        (
            "x-webkit-deflate-frame, permessage-deflate; foo=1, permessage-deflate; server_no_context_takeover, permessage-deflate",
            Some((params(true, false, 15, 15), "permessage-deflate; server_no_context_takeover")),
        ),
        ("bzip2;level=9", None),
        ("", None),
        ("permessage-deflate; =", None),
        ("permessage-deflate; a=\"b", None),
    ] {
        let expected = expected.map(|(params, value)| (params, value.to_string()));
        assert_eq!(accept(header, &policy), expected, "{header}");
    }
    let small =
        DeflatePolicy { server_max_window_bits: 10, client_max_window_bits: 11, server_no_context_takeover: true, ..policy };
    assert_eq!(
        accept("permessage-deflate; client_max_window_bits; server_max_window_bits=12", &small),
        Some((
            params(true, false, 10, 11),
            "permessage-deflate; server_no_context_takeover; server_max_window_bits=10; client_max_window_bits=11".into()
        ))
    );
    assert_eq!(accept("permessage-deflate", &small).map(|(p, _)| p), Some(params(true, false, 10, 15)));
}

#[test]
fn a_client_checks_the_answer() {
    let policy = DeflatePolicy::default();
    assert_eq!(offer(&policy), "permessage-deflate; client_max_window_bits");
    assert_eq!(confirm("", &policy), Ok(None));
    assert_eq!(confirm("permessage-deflate", &policy), Ok(Some(params(false, false, 15, 15))));
    assert_eq!(
        confirm("permessage-deflate; server_max_window_bits=10; client_max_window_bits=9; client_no_context_takeover", &policy),
        Ok(Some(params(false, true, 10, 9)))
    );
    for bad in
        ["foo", "permessage-deflate, permessage-deflate", "permessage-deflate; client_max_window_bits", "permessage-deflate; x"]
    {
        assert_eq!(confirm(bad, &policy), Err(BadAnswer), "{bad}");
    }
    let strict = DeflatePolicy { server_max_window_bits: 10, server_no_context_takeover: true, ..policy };
    assert_eq!(
        offer(&strict),
        "permessage-deflate; server_no_context_takeover; server_max_window_bits=10; client_max_window_bits"
    );
    assert_eq!(confirm("permessage-deflate; server_max_window_bits=10", &strict), Err(BadAnswer));
    assert_eq!(confirm("permessage-deflate; server_no_context_takeover", &strict), Err(BadAnswer));
    assert!(confirm("permessage-deflate; server_no_context_takeover; server_max_window_bits=9", &strict).is_ok());
}

proptest! {
    #[test]
    fn both_ends_agree_and_understand_each_other(
        client in (any::<bool>(), any::<bool>(), 8u8..=15, 8u8..=15),
        server in (any::<bool>(), any::<bool>(), 8u8..=15, 8u8..=15),
        texts in prop::collection::vec("[a-f]{0,600}", 1..6),
    ) {
        let policy = |(s, c, sb, cb)| DeflatePolicy {
            server_no_context_takeover: s,
            client_no_context_takeover: c,
            server_max_window_bits: sb,
            client_max_window_bits: cb,
        };
        let (client, server) = (policy(client), policy(server));
        let (agreed, answer) = accept(&offer(&client), &server).expect("our own offer");
        prop_assert_eq!(confirm(&answer, &client), Ok(Some(agreed)));
        let ((client_out, client_in), (server_out, server_in)) = (agreed.client_streams(6), agreed.server_streams(6));
        for (out, input, config, mask) in [
            (client_out, server_in, Config::server(10_000), Some(KEY)),
            (server_out, client_in, Config::client(10_000), None),
        ] {
            let mut wire = Vec::new();
            let mut encoder = Encoder::new(Some(out));
            for text in &texts {
                encoder.message(&mut wire, Opcode::Text, true, mask, text.as_bytes());
            }
            let (frames, error) = feed(&mut Decoder::new(config, Some(input)), wire.chunks(100));
            prop_assert_eq!(error, None);
            let frames: Vec<_> = frames.into_iter().map(|(_, _, payload)| payload).collect();
            let expected: Vec<_> = texts.iter().map(|text| text.as_bytes().to_vec()).collect();
            prop_assert_eq!(frames, expected);
        }
    }

    #[test]
    fn any_header_is_survived(header in "[ -~]{0,80}", piece in "(permessage-deflate|;|,|=|\"| |client_max_window_bits|1){0,12}") {
        let policy = DeflatePolicy::default();
        for text in [&header, &piece] {
            let _ = confirm(text, &policy);
            if let Some((_, answer)) = accept(text, &policy) {
                prop_assert!(answer.starts_with("permessage-deflate"));
            }
        }
    }
}

/// What zlib's own programs send: the message is a whole deflate stream, with a final block and no tail cut off.
#[test]
fn a_message_that_is_a_finished_stream() {
    use flate2::{Compress, Compression, FlushCompress};
    for takeover in [true, false] {
        let mut inflater = Inflater::new(15, takeover);
        for text in [&b"once upon a time"[..], b"", b"and once more, and once more"] {
            let mut stream = Compress::new_with_window_bits(Compression::new(6), false, 15);
            let mut packed = Vec::with_capacity(256);
            stream.compress_vec(text, &mut packed, FlushCompress::Finish).expect("room for all");
            // In one frame, in two, and with an empty last one.
            for cut in [packed.len(), packed.len() / 2] {
                let mut out = Vec::new();
                inflater.push(&packed[..cut], false, &mut out, 1000).expect("well formed");
                inflater.push(&packed[cut..], true, &mut out, 1000).expect("well formed");
                assert_eq!(out, text);
            }
        }
    }
}
