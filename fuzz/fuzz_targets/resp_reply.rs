//! A server's bytes, cut anywhere: the same replies and the same failure.
#![no_main]
use libfuzzer_sys::fuzz_target;
use protocol::resp::client::{Reply, ReplyError, ReplyParser, ReplyStep};

fn run<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> (Vec<Reply>, Option<ReplyError>) {
    let mut parser = ReplyParser::default();
    let (mut buffer, mut replies) = (Vec::new(), Vec::new());
    for piece in pieces {
        buffer.extend_from_slice(piece);
        loop {
            match parser.next(&buffer) {
                Ok(ReplyStep::Reply { reply, consumed }) => {
                    assert!(consumed > 0);
                    buffer.drain(..consumed);
                    replies.push(reply);
                }
                Ok(ReplyStep::NeedMore { consumed, hint }) => {
                    assert!(hint > 0);
                    buffer.drain(..consumed);
                    break;
                }
                Err(error) => return (replies, Some(error)),
            }
        }
    }
    (replies, None)
}

fuzz_target!(|data: &[u8]| {
    let [step, stream @ ..] = data else {
        return;
    };
    assert_eq!(run([stream].into_iter()), run(stream.chunks(usize::from(*step).max(1))));
});
