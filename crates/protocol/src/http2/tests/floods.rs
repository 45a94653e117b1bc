//! What an attacker sends to cost much for little: each ends the connection, and its memory stays
//! small.
use super::*;

/// GET / of authority "a", in HPACK's static table.
const GET: &[u8] = b"\x82\x86\x84\x41\x01a";
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let mut out = (payload.len() as u32).to_be_bytes()[1..].to_vec();
    out.extend_from_slice(&[kind, flags]);
    out.extend_from_slice(&stream.to_be_bytes());
    out.extend_from_slice(payload);
    out
}

fn ready() -> ServerSession {
    let mut server = ServerSession::new(&Settings::default());
    server.push(PREFACE, NOW);
    server.push(&frame(4, 0, 0, &[]), NOW);
    let mut out = Vec::new();
    server.take_output(&mut out);
    server
}

/// Sends until the session is cut; how many rounds that took, and the code.
fn flood(mut server: ServerSession, mut next: impl FnMut(u32) -> Vec<u8>) -> (u32, Option<u32>) {
    for round in 0..20_000 {
        server.push(&next(round), NOW);
        let mut out = Vec::new();
        while server.take_output(&mut out) {}
        while let Some(event) = server.next_event() {
            if let Event::Closed { error } = event {
                server.take_output(&mut out);
                let last_words = goaway_code(&out).expect("a GOAWAY");
                let code = match error {
                    Some(Error::Protocol { code, by_peer: false }) => Some(code),
                    None => Some(last_words),
                    _ => None,
                };
                return (round, code);
            }
        }
    }
    panic!("the flood went on");
}

/// The code of the GOAWAY among the frames.
fn goaway_code(mut frames: &[u8]) -> Option<u32> {
    while let Some((header, rest)) = frames.split_first_chunk::<9>() {
        let len = u32::from_be_bytes([0, header[0], header[1], header[2]]) as usize;
        let (payload, rest) = rest.split_at_checked(len)?;
        if header[3] == 7 {
            return Some(u32::from_be_bytes(*payload[4..].first_chunk()?));
        }
        frames = rest;
    }
    None
}

const CALM: Option<u32> = Some(11);

#[test]
fn rapid_reset() {
    let (rounds, code) = flood(ready(), |round| {
        let id = round * 2 + 1;
        let mut out = frame(1, END_STREAM | END_HEADERS, id, GET);
        out.extend(frame(3, 0, id, &[0, 0, 0, 8]));
        out
    });
    assert!(rounds <= 200);
    assert_eq!(code, CALM);
}

#[test]
fn rapid_reset_in_one_read() {
    let mut server = ready();
    let mut data = Vec::new();
    for round in 0..1000 {
        data.extend(frame(1, END_STREAM | END_HEADERS, round * 2 + 1, GET));
        data.extend(frame(3, 0, round * 2 + 1, &[0, 0, 0, 8]));
    }
    server.push(&data, NOW);
    let requests = std::iter::from_fn(|| server.next_event()).filter(|event| matches!(event, Event::Request { .. }));
    assert_eq!(requests.count(), 0);
    assert!(server.is_closed());
}

#[test]
fn settings_and_pings() {
    let (rounds, code) = flood(ready(), |_| frame(4, 0, 0, &[0, 4, 0, 0, 255, 255]));
    assert!(rounds <= 200);
    assert_eq!(code, CALM);
    let (rounds, code) = flood(ready(), |_| frame(6, 0, 0, &[1; 8]));
    assert!(rounds <= 1100);
    assert_eq!(code, CALM);
    let (rounds, code) = flood(ready(), |_| frame(2, 0, 1, &[0, 0, 0, 0, 1]));
    assert!(rounds <= 1100);
    assert_eq!(code, CALM);
}

#[test]
fn continuations_without_end() {
    let (rounds, _) = flood(ready(), |round| match round {
        0 => frame(1, END_STREAM, 1, GET),
        _ => frame(9, 0, 1, &[0x40, 1, b'x', 1, b'y']),
    });
    assert!(rounds <= 1100);
    let (rounds, _) = flood(ready(), |round| match round {
        0 => frame(1, END_STREAM, 1, GET),
        _ => frame(9, 0, 1, &[0; 16_000]),
    });
    assert!(rounds <= 50);
}

#[test]
fn empty_data() {
    let (rounds, _) = flood(ready(), |round| match round {
        0 => frame(1, END_HEADERS, 1, GET),
        _ => frame(0, 0, 1, &[]),
    });
    assert!(rounds <= 1100);
}

#[test]
fn busy_but_honest_clients_are_not_cut() {
    let mut server = ready();
    for round in 0..5000u32 {
        let id = round * 2 + 1;
        let mut data = frame(1, END_STREAM | END_HEADERS, id, GET);
        if round % 100 == 0 {
            data.extend(frame(6, 0, 0, &[2; 8]));
        }
        server.push(&data, NOW);
        while let Some(event) = server.next_event() {
            if let Event::Request { stream, .. } = event {
                server.respond(stream, ok(), true).expect("open");
            }
        }
        let mut out = Vec::new();
        server.take_output(&mut out);
        assert!(!out.is_empty() && !server.is_closed());
    }
}

#[test]
fn a_client_that_pings_at_every_message_of_a_stream_is_not_cut() {
    let mut server = ready();
    server.push(&frame(1, END_STREAM | END_HEADERS, 1, GET), NOW);
    assert!(matches!(server.next_event(), Some(Event::Request { .. })));
    server.respond(1, ok(), false).expect("open");
    for _ in 0..5000 {
        server.send_data(1, Bytes::from_static(b"tick"), false).expect("open");
        let mut out = Vec::new();
        server.take_output(&mut out);
        server.push(&[frame(6, 0, 0, &[3; 8]), frame(8, 0, 1, &[0, 0, 0, 4])].concat(), NOW);
        assert!(server.next_event().is_none());
    }
    assert!(!server.is_closed());
}
