//! Any bytes, any cutting: the same frames and the same end, within the limit. And what our
//! encoder makes of the bytes comes back as it was.
#![no_main]
use libfuzzer_sys::fuzz_target;
use protocol::websocket::{
    Config, Decoder, Deflater, Encoder, Error, Inflater, MaskRule, Opcode, Step, extension,
};

type Log = (Vec<(Opcode, bool, Vec<u8>)>, Option<Error>);

fn run<'a>(mut decoder: Decoder, pieces: impl Iterator<Item = &'a [u8]>, max: usize) -> Log {
    let (mut buf, mut frames) = (Vec::new(), Vec::new());
    for piece in pieces {
        buf.extend_from_slice(piece);
        let mut at = 0;
        loop {
            match decoder.next(&mut buf[at..]) {
                Ok(Step::Frame { frame, consumed }) => {
                    let payload = decoder.payload(&frame, &buf[at..]).to_vec();
                    assert!(payload.len() <= max.max(125));
                    frames.push((frame.opcode, frame.fin, payload));
                    at += consumed;
                }
                Ok(Step::NeedMore { consumed, hint }) => {
                    assert!(hint > 0);
                    at += consumed;
                    break;
                }
                Err(error) => return (frames, Some(error)),
            }
        }
        buf.drain(..at);
    }
    (frames, None)
}

fuzz_target!(|data: &[u8]| {
    let [flags, bits, step, max, stream @ ..] = data else {
        return;
    };
    if stream.is_empty() {
        return;
    }
    let max = usize::from(*max) * 64;
    let bits = 8 + bits % 8;
    let takeover = flags & 1 != 0;
    let config =
        Config { mask: MaskRule::Any, max_message: max, check_utf8: flags & 2 != 0, join: flags & 4 != 0 };
    let make = || Decoder::new(config, (flags & 8 != 0).then(|| Inflater::new(bits, takeover)));
    let step = usize::from(*step).max(1);
    assert_eq!(run(make(), [stream].into_iter(), max), run(make(), stream.chunks(step), max));

    let mut wire = Vec::new();
    let mut encoder = Encoder::new(Some(Deflater::new(bits, takeover, u32::from(flags >> 4))));
    for piece in stream.chunks(step * 16) {
        encoder.message(&mut wire, Opcode::Binary, true, Some([bits, 1, 2, 3]), piece);
    }
    let decoder = Decoder::new(Config::server(1 << 20), Some(Inflater::new(bits, takeover)));
    let (frames, error) = run(decoder, wire.chunks(step * 7), 1 << 20);
    assert_eq!(error, None);
    assert!(frames.iter().map(|(_, _, payload)| &payload[..]).eq(stream.chunks(step * 16)));

    if let Ok(header) = std::str::from_utf8(stream) {
        let _ = extension::accept(header, &Default::default());
        let _ = extension::confirm(header, &Default::default());
    }
});
