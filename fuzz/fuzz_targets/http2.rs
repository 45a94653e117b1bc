//! Any bytes at a server and at a client, cut anyhow: no panic, no endless loop, and the end is
//! always told. The first byte chooses whether a preface goes before.
#![no_main]
use libfuzzer_sys::fuzz_target;
use protocol::http2::{ClientSession, Event, PREFACE, ServerSession, Settings};
use std::time::Duration;

fuzz_target!(|data: &[u8]| {
    let [flags, step, stream @ ..] = data else { return };
    let settings = Settings { max_output: 1 << 16, ..Settings::default() };
    let mut server = ServerSession::new(&settings);
    let mut client = ClientSession::new(&settings);
    let request = http::Request::get("http://a/").body(()).expect("valid");
    client.request(request, flags & 2 != 0).expect("a new session");
    if flags & 1 != 0 {
        server.push(PREFACE, Duration::ZERO);
    }
    let mut out = Vec::new();
    for piece in stream.chunks(usize::from(*step).max(1)) {
        server.push(piece, Duration::ZERO);
        client.push(piece);
        while let Some(event) = server.next_event() {
            match event {
                Event::Request { stream, .. } => {
                    let _ = server.respond(stream, http::Response::new(()), false);
                    let _ = server.send_data(stream, vec![0; 1000].into(), flags & 4 != 0);
                }
                Event::Data { stream, data } => server.release(stream, data.len()),
                Event::End { stream } => {
                    let _ = server.send_trailers(stream, http::HeaderMap::new());
                }
                _ => {}
            }
        }
        while client.next_event().is_some() {}
        server.take_output(&mut out);
        client.take_output(&mut out);
        out.clear();
    }
    server.push_eof();
    client.push_eof();
    for _ in 0..100 {
        server.take_output(&mut out);
        client.take_output(&mut out);
        out.clear();
    }
    while server.next_event().is_some() {}
    while client.next_event().is_some() {}
    assert!(server.is_closed() && client.is_closed());
});
