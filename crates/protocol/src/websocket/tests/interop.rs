//! Against tungstenite, which nobody here wrote, over a pipe in memory.
use super::*;
use std::collections::VecDeque;
use std::io::{self, Read, Write};
use tungstenite::protocol::{Role, WebSocket};
use tungstenite::{Message, protocol::frame::coding::CloseCode};

#[derive(Default)]
struct Pipe {
    to_peer: VecDeque<u8>,
    from_peer: Vec<u8>,
}

impl Read for Pipe {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        match self.to_peer.read(out)? {
            0 => Err(io::ErrorKind::WouldBlock.into()),
            n => Ok(n),
        }
    }
}

impl Write for Pipe {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        self.from_peer.extend_from_slice(data);
        Ok(data.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn payload(len: usize) -> Vec<u8> {
    (0..len).map(|i| (i * 7 + i / 251) as u8).collect()
}

const LENGTHS: [usize; 10] = [0, 1, 7, 125, 126, 127, 65_535, 65_536, 70_001, 300_000];

#[test]
fn we_are_the_server() {
    let mut peer = WebSocket::from_raw_socket(Pipe::default(), Role::Client, None);
    let mut decoder = server(1 << 20);
    for len in LENGTHS {
        peer.send(Message::binary(payload(len))).expect("send");
        peer.send(Message::text("é".repeat(len / 2))).expect("send");
        let wire = std::mem::take(&mut peer.get_mut().from_peer);
        let (frames, error) = feed(&mut decoder, wire.chunks(1000));
        assert_eq!(error, None);
        assert!(frames == [(Opcode::Binary, true, payload(len)), (Opcode::Text, true, "é".repeat(len / 2).into_bytes())]);
        let mut out = Vec::new();
        frame::encode(&mut out, true, false, Opcode::Binary, None, &payload(len));
        peer.get_mut().to_peer.extend(out);
        assert_eq!(peer.read().expect("read"), Message::binary(payload(len)));
    }
}

#[test]
fn we_are_the_client() {
    let mut peer = WebSocket::from_raw_socket(Pipe::default(), Role::Server, None);
    let mut decoder = Decoder::new(Config::client(1 << 20), None);
    for len in LENGTHS {
        let mut out = Vec::new();
        let data = payload(len);
        let (a, b) = data.split_at(len / 3);
        frame::encode(&mut out, false, false, Opcode::Binary, Some([1, 2, 3, 255]), a);
        frame::encode(&mut out, true, false, Opcode::Continuation, Some([9, 8, 7, 6]), b);
        peer.get_mut().to_peer.extend(out);
        assert_eq!(peer.read().expect("read"), Message::binary(data.clone()));
        peer.send(Message::binary(data.clone())).expect("send");
        let wire = std::mem::take(&mut peer.get_mut().from_peer);
        assert!(feed(&mut decoder, [&wire[..]]) == (vec![(Opcode::Binary, true, data)], None));
    }
    let (close, len) = CloseFrame::payload(close::GOING_AWAY, b"later").expect("short");
    let mut out = Vec::new();
    frame::encode(&mut out, true, false, Opcode::Close, Some(KEY), &close[..len]);
    peer.get_mut().to_peer.extend(out);
    let Message::Close(Some(got)) = peer.read().expect("read") else {
        panic!("no close frame");
    };
    assert_eq!((got.code, got.reason.as_str()), (CloseCode::Away, "later"));
}

#[test]
fn handshakes_both_ways() {
    let mut request = Vec::new();
    let key = handshake::encode_key([7; 16]);
    handshake::write_request(&mut request, b"localhost", b"/chat", &key, None, None, &[]);
    let pipe = Pipe { to_peer: request.into(), from_peer: Vec::new() };
    let accepted = tungstenite::accept(pipe).map_err(|_| ()).expect("handshake");
    let wire = String::from_utf8(accepted.get_ref().from_peer.clone()).expect("ascii");
    let fields: Vec<(String, &str)> =
        wire.lines().filter_map(|line| line.split_once(": ")).map(|(n, v)| (n.to_ascii_lowercase(), v)).collect();
    let header = |name: &str| fields.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_bytes());
    assert_eq!(handshake::check_response(101, &key, b"", header), Ok(()));
}
