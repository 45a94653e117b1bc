//! Any bytes, any cutting: the same requests, within the limits.
#![no_main]
use libfuzzer_sys::fuzz_target;
use protocol::resp::{Limits, RequestParser, Step};

type Requests = Vec<Vec<Option<Vec<u8>>>>;

fn run<'a>(limits: Limits, pieces: impl Iterator<Item = &'a [u8]>) -> (Requests, bool) {
    let mut parser = RequestParser::new(limits);
    let (mut buf, mut requests) = (Vec::new(), Vec::new());
    for piece in pieces {
        buf.extend_from_slice(piece);
        let mut at = 0;
        loop {
            match parser.next(&buf[at..]) {
                Ok(Step::Request { consumed }) => {
                    assert!(consumed > 0 && consumed <= limits.max_request);
                    requests.push(parser.args(&buf[at..]).map(|arg| arg.map(<[u8]>::to_vec)).collect());
                    at += consumed;
                }
                Ok(Step::NeedMore { .. }) => break,
                Err(_) => return (requests, false),
            }
        }
        buf.drain(..at);
    }
    (requests, true)
}

fuzz_target!(|data: &[u8]| {
    let [max, step, stream @ ..] = data else {
        return;
    };
    // Nothing in no pieces is not the same as one empty piece.
    if stream.is_empty() {
        return;
    }
    let max = usize::from(*max) * 16;
    let limits = Limits { max_args: 64, max_bulk: max / 2, max_inline: max / 4, max_request: max };
    assert_eq!(run(limits, [stream].into_iter()), run(limits, stream.chunks(usize::from(*step).max(1))));
});
