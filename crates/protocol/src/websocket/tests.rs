mod autobahn_list;
mod extensions;
mod handshakes;
mod interop;
mod rfc;

use super::*;

/// What a connection delivered: frames with their payloads, then the error if it failed.
type Log = (Vec<(Opcode, bool, Vec<u8>)>, Option<Error>);

/// Feeds `data` in the given pieces through a read buffer, as a connection's loop does.
fn feed<'a>(decoder: &mut Decoder, pieces: impl IntoIterator<Item = &'a [u8]>) -> Log {
    let mut buf: Vec<u8> = Vec::new();
    let mut frames = Vec::new();
    for piece in pieces {
        buf.extend_from_slice(piece);
        let mut at = 0;
        loop {
            match decoder.next(&mut buf[at..]) {
                Ok(Step::Frame { frame, consumed }) => {
                    let payload = decoder.payload(&frame, &buf[at..]).to_vec();
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

/// The same result in one piece, byte by byte, and in pieces of seven.
fn feed_all_ways(make: impl Fn() -> Decoder, data: &[u8]) -> Log {
    let log = feed(&mut make(), [data]);
    assert_eq!(feed(&mut make(), data.chunks(1)), log);
    assert_eq!(feed(&mut make(), data.chunks(7)), log);
    log
}

const KEY: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

/// A client's frame.
fn client_frame(fin: bool, rsv1: bool, opcode: Opcode, payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    frame::encode(&mut out, fin, rsv1, opcode, Some(KEY), payload);
    out
}

fn server(max: usize) -> Decoder {
    Decoder::new(Config::server(max), None)
}
