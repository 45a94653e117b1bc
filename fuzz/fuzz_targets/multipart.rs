//! Any body, any cutting: the same parts, and never a delimiter inside one.
#![no_main]
use libfuzzer_sys::fuzz_target;
use protocol::multipart::{Event, Limits, Multipart, MultipartError, PartHead, boundary, parameter};

fn run(stream: &[u8], step: usize) -> Result<Vec<(PartHead, Vec<u8>)>, MultipartError> {
    let mut parser = Multipart::new(b"B", Limits { max_parts: 50, max_part_head: 512 })?;
    let (mut parts, mut used, mut end) = (Vec::new(), 0, 0);
    while end < stream.len() {
        end = (end + step).min(stream.len());
        loop {
            let input = &stream[used..end];
            let found = parser.next(input)?;
            used += found.consumed;
            match found.event {
                Event::NeedMore | Event::End => break,
                Event::PartHead(head) => parts.push((head, Vec::new())),
                Event::Data(range) => {
                    parts.last_mut().expect("data is in a part").1.extend_from_slice(&input[range]);
                }
                Event::PartEnd => {}
            }
        }
    }
    parser.finish()?;
    Ok(parts)
}

fuzz_target!(|data: &[u8]| {
    let [step, stream @ ..] = data else { return };
    let whole = run(stream, stream.len().max(1));
    assert_eq!(whole, run(stream, usize::from(*step).max(1)));
    for (_, body) in whole.iter().flatten() {
        assert!(!body.windows(5).any(|w| w == b"\r\n--B"));
    }
    let _ = (boundary(stream), parameter(stream, b"name"));
});
