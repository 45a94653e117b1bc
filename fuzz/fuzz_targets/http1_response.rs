//! Any bytes, any cutting: the same response heads and bodies.
#![no_main]
use libfuzzer_sys::fuzz_target;
use protocol::http1::{ClientLimits, ClientProgress, Method, ResponseHead, ResponseParser};

const LIMITS: ClientLimits = ClientLimits { max_head: 2048, max_headers: 80 };

fn run(stream: &[u8], method: Method, step: usize) -> Option<(ResponseHead, Vec<u8>, bool)> {
    let mut parser = ResponseParser::new(LIMITS, Some(method));
    let (mut start, mut end) = (0, 0);
    let head = 'head: loop {
        if end == stream.len() {
            return None;
        }
        end = (end + step).min(stream.len());
        while start < end {
            match parser.parse_head(&stream[start..end]).ok()? {
                ClientProgress::Incomplete => break,
                ClientProgress::Interim { consumed, .. } => start += consumed,
                ClientProgress::Head => break 'head parser.head().clone(),
            }
        }
    };
    let mut decoder = head.body_decoder(1 << 16);
    let (mut at, mut body) = (start + head.head_len as usize, Vec::new());
    loop {
        loop {
            let Ok(found) = decoder.decode(&stream[at..end]) else {
                return Some((head, body, false));
            };
            body.extend_from_slice(&stream[at..end][found.data.clone()]);
            at += found.consumed;
            if found.done || found.consumed == 0 {
                break;
            }
        }
        if end == stream.len() || decoder.is_done() {
            let clean = decoder.close().is_ok();
            return Some((head, body, clean));
        }
        end = (end + step).min(stream.len());
    }
}

fuzz_target!(|data: &[u8]| {
    let [step, method, stream @ ..] = data else {
        return;
    };
    let method = Method::ALL[usize::from(*method) % Method::ALL.len()];
    if stream.len() > LIMITS.max_head as usize {
        return;
    }
    let whole = run(stream, method, stream.len().max(1));
    assert_eq!(whole, run(stream, method, usize::from(*step).max(1)));
});
