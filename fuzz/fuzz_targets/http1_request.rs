//! Any bytes, any cutting: the same requests, each within its limits.
#![no_main]
use libfuzzer_sys::fuzz_target;
use protocol::http1::{BodyDecoder, Limits, Parser, Progress, RequestHead};

const LIMITS: Limits =
    Limits { max_head: 1024, max_target: 256, max_headers: 80, max_request: 4096, require_host: false };

/// The requests up to a refusal, with their bodies; whether there was one.
fn run(stream: &[u8], step: usize) -> (Vec<(RequestHead, Vec<u8>)>, bool) {
    let mut parser = Parser::new(LIMITS);
    let (mut requests, mut start, mut end) = (Vec::new(), 0, 0);
    while end < stream.len() {
        end = (end + step).min(stream.len());
        loop {
            let raw = &stream[start..end];
            match parser.parse(raw) {
                Progress::Complete { consumed } => {
                    assert!(consumed <= raw.len() && consumed <= LIMITS.max_request as usize);
                    let mut body = Vec::new();
                    parser.head().copy_body(raw, &mut body);
                    assert!(parser.head().headers.iter().all(|h| !h.name.of(raw).is_empty()));
                    requests.push((parser.head().clone(), body));
                    start += consumed;
                    if start == end {
                        break;
                    }
                }
                Progress::Reject(_) => return (requests, true),
                Progress::Head => {}
                Progress::Incomplete { need } => {
                    assert!(need > 0);
                    break;
                }
                Progress::Http2Preface => return (requests, false),
            }
        }
    }
    (requests, false)
}

fuzz_target!(|data: &[u8]| {
    let [step, stream @ ..] = data else { return };
    let (whole, _) = run(stream, stream.len().max(1));
    let (cut, refused) = run(stream, usize::from(*step).max(1));
    // A partial head is judged at its end only, so a refusal may come later; never a request less.
    assert_eq!(whole, cut);
    let _ = refused;
    // Streamed and whole bodies are the same.
    let mut parser = Parser::new(LIMITS);
    if parser.parse_head(stream) == Progress::Head {
        let head = parser.head().clone();
        let mut decoder = BodyDecoder::new(head.body, u64::from(LIMITS.max_request));
        let (mut at, mut body) = (head.head_len as usize, Vec::new());
        while let Ok(found) = decoder.decode(&stream[at..]) {
            body.extend_from_slice(&stream[at..][found.data.clone()]);
            at += found.consumed;
            if found.done || found.consumed == 0 {
                break;
            }
        }
        if let Some((_, expected)) = whole.first() {
            assert!(decoder.is_done());
            assert_eq!(&body, expected);
        }
    }
});
