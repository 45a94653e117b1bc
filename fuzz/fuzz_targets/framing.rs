//! Any settings, any bytes, any cutting: packets are the same, tile the stream and keep the limit.
#![no_main]
use libfuzzer_sys::fuzz_target;
use protocol::framing::{Eof, FrameError, Framer, LengthField, PackType};

fn framer(kind: u8, a: u8, b: u8, max: usize) -> Framer {
    const LETTERS: &[u8] = b"cCsSnvlLNVqQJP";
    let eof = || Eof::new(&b"\r\n\r\n"[..1 + usize::from(a % 4)]).expect("one to four bytes");
    match kind % 16 {
        14 => Framer::mqtt(max),
        15 => Framer::eof_split(eof(), max),
        n => {
            let kind = PackType::parse(LETTERS[usize::from(n)]).expect("listed");
            Framer::length(LengthField::new(kind, usize::from(a), usize::from(b), max))
        }
    }
}

fn run<'a>(mut framer: Framer, pieces: impl Iterator<Item = &'a [u8]>) -> (Vec<Vec<u8>>, Option<FrameError>) {
    let (mut buf, mut packets) = (Vec::new(), Vec::new());
    for piece in pieces {
        buf.extend_from_slice(piece);
        let mut frames = framer.frames(&buf);
        packets.extend((&mut frames).map(|range| buf[range].to_vec()));
        let consumed = frames.consumed();
        if let Err(error) = frames.finish() {
            return (packets, Some(error));
        }
        buf.drain(..consumed);
    }
    (packets, None)
}

fuzz_target!(|data: &[u8]| {
    let [kind, a, b, max, step, stream @ ..] = data else {
        return;
    };
    // Nothing in no pieces is not the same as one empty piece.
    if stream.is_empty() {
        return;
    }
    let max = usize::from(*max) * 4;
    let (whole, failed) = run(framer(*kind, *a, *b, max), [stream].into_iter());
    let (cut, cut_failed) = run(framer(*kind, *a, *b, max), stream.chunks(usize::from(*step).max(1)));
    assert_eq!(whole, cut);
    // The numbers in an error tell what was buffered, which the cutting decides.
    assert_eq!(failed.is_some(), cut_failed.is_some());
    assert!(stream.starts_with(&whole.concat()));
    assert!(whole.iter().all(|packet| !packet.is_empty() && packet.len() <= max));
});
