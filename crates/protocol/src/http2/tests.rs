use super::*;
use http::{Request, Response, StatusCode};
use proptest::prelude::*;
use std::time::Duration;

mod floods;

const NOW: Duration = Duration::ZERO;

/// A client and a server on a wire that cuts what passes into pieces.
struct Pair {
    client: ClientSession,
    server: ServerSession,
    step: usize,
}

impl Pair {
    fn new(client: &Settings, server: &Settings, step: usize) -> Self {
        Self { client: ClientSession::new(client), server: ServerSession::new(server), step }
    }

    /// Moves bytes until neither has more to say.
    fn exchange(&mut self) {
        loop {
            let (mut to_server, mut to_client) = (Vec::new(), Vec::new());
            while self.client.take_output(&mut to_server) {}
            while self.server.take_output(&mut to_client) {}
            if to_server.is_empty() && to_client.is_empty() {
                return;
            }
            to_server.chunks(self.step).for_each(|piece| self.server.push(piece, NOW));
            to_client.chunks(self.step).for_each(|piece| self.client.push(piece));
        }
    }

    fn server_events(&mut self) -> Vec<Event> {
        self.exchange();
        std::iter::from_fn(|| self.server.next_event()).collect()
    }

    fn client_events(&mut self) -> Vec<Event> {
        self.exchange();
        std::iter::from_fn(|| self.client.next_event()).collect()
    }
}

fn pair() -> Pair {
    Pair::new(&Settings::default(), &Settings::default(), 1000)
}

fn get(path: &str) -> Request<()> {
    Request::get(format!("http://localhost{path}")).body(()).expect("valid")
}

fn ok() -> Response<()> {
    Response::builder().header("server", "test").body(()).expect("valid")
}

fn trailers(value: &'static str) -> HeaderMap {
    let mut map = HeaderMap::new();
    map.insert("grpc-status", http::HeaderValue::from_static(value));
    map
}

fn bytes(len: usize) -> Bytes {
    (0..len).map(|i| (i * 31 + i / 255) as u8).collect()
}

#[test]
fn a_request_and_its_answer() {
    for step in [1, 7, 100_000] {
        let mut pair = Pair::new(&Settings::default(), &Settings::default(), step);
        let id = pair.client.request(get("/a?b=c"), true).expect("open");
        let events = pair.server_events();
        let [Event::Request { stream, head, end: true }] = &events[..] else {
            panic!("{events:?}");
        };
        assert_eq!((*stream, head.uri.path(), head.uri.query()), (id, "/a", Some("b=c")));
        pair.server.respond(id, ok(), false).expect("open");
        assert_eq!(pair.server.send_data(id, Bytes::from_static(b"hello"), true), Ok(0));
        assert_eq!(pair.server.open_streams(), 0);
        let events = pair.client_events();
        let [Event::Response { head, end: false, .. }, Event::Data { data, .. }, Event::End { .. }] = &events[..] else {
            panic!("{events:?}");
        };
        assert_eq!((head.status, &data[..]), (StatusCode::OK, &b"hello"[..]));
        assert_eq!(head.headers["server"], "test");
        assert_eq!(pair.client.open_streams(), 0);
        // Without a body.
        pair.client.request(get("/"), true).expect("open");
        pair.server_events();
        pair.server.respond(id + 2, ok(), true).expect("open");
        assert!(matches!(pair.client_events()[..], [Event::Response { end: true, .. }]));
        assert_eq!((pair.client.open_streams(), pair.server.open_streams()), (0, 0));
        assert!(matches!(pair.server.respond(id, ok(), true), Err(Error::NoStream(1))));
    }
}

#[test]
fn all_the_frames_of_a_turn_are_one_write() {
    let mut pair = pair();
    for _ in 0..20 {
        pair.client.request(get("/"), true).expect("open");
    }
    let mut wire = Vec::new();
    pair.client.take_output(&mut wire);
    assert!(wire.starts_with(PREFACE));
    pair.server.push(&wire, NOW);
    while let Some(event) = pair.server.next_event() {
        if let Event::Request { stream, .. } = event {
            pair.server.respond(stream, ok(), false).expect("open");
            pair.server.send_data(stream, Bytes::from_static(b"x"), true).expect("open");
        }
    }
    let mut wire = Vec::new();
    assert!(!pair.server.take_output(&mut wire));
    assert!(!pair.server.has_output());
    pair.client.push(&wire);
    let ends = pair.client_events().iter().filter(|event| matches!(event, Event::End { .. })).count();
    assert_eq!(ends, 20);
}

/// Echoes every request's body with trailers, while both are under way; checks both directions.
fn echo(settings: &Settings, step: usize, bodies: &[usize]) {
    let mut pair = Pair::new(settings, settings, step);
    let mut sent = std::collections::HashMap::new();
    for len in bodies {
        let body = bytes(*len);
        let id = pair.client.request(get("/echo"), false).expect("open");
        for piece in body.chunks(50_000) {
            pair.client.send_data(id, Bytes::copy_from_slice(piece), false).expect("open");
        }
        pair.client.send_trailers(id, trailers("9")).expect("open");
        sent.insert(id, (body, Vec::new(), false));
    }
    let mut finished = 0;
    let mut turns = 0;
    while finished < bodies.len() {
        turns += 1;
        assert!(turns < 100_000, "stuck");
        for event in pair.server_events() {
            match event {
                Event::Request { stream, end, .. } => {
                    assert!(!end);
                    pair.server.respond(stream, ok(), false).expect("open");
                }
                Event::Data { stream, data } => {
                    pair.server.release(stream, data.len());
                    pair.server.send_data(stream, data, false).expect("open");
                }
                Event::Trailers { headers, .. } => assert_eq!(headers["grpc-status"], "9"),
                Event::End { stream } => pair.server.send_trailers(stream, trailers("0")).expect("open"),
                Event::Drained { .. } => {}
                other => panic!("{other:?}"),
            }
        }
        for event in pair.client_events() {
            match event {
                Event::Response { end, .. } => assert!(!end),
                Event::Data { stream, data } => {
                    pair.client.release(stream, data.len());
                    sent.get_mut(&stream).expect("ours").1.extend_from_slice(&data);
                }
                Event::Trailers { stream, headers } => {
                    assert_eq!(headers["grpc-status"], "0");
                    sent.get_mut(&stream).expect("ours").2 = true;
                }
                Event::End { stream } => {
                    let (body, back, trailers) = &sent[&stream];
                    assert!(body == back && *trailers);
                    finished += 1;
                }
                Event::Drained { .. } => {}
                other => panic!("{other:?}"),
            }
        }
    }
    assert_eq!((pair.client.open_streams(), pair.server.open_streams()), (0, 0));
}

#[test]
fn big_bodies_flow_both_ways() {
    let defaults = Settings::default();
    echo(&defaults, 100_000, &[0, 1, 100_000, 3_000_000]);
    let small = Settings {
        initial_window_size: 65_535,
        connection_window_size: 65_535,
        max_send_buffer: 20_000,
        max_output: 10_000,
        ..defaults
    };
    echo(&small, 3000, &[500_000, 70_000, 0, 200_000]);
    echo(&small, 17, &[50_000]);
    // Settings out of range are moved into it.
    let odd = Settings { initial_window_size: u32::MAX, connection_window_size: u32::MAX, max_frame_size: u32::MAX, ..defaults };
    echo(&odd, 100_000, &[2_000_000]);
    echo(&Settings { max_frame_size: 0, ..defaults }, 100_000, &[100_000]);
}

#[test]
fn unreleased_data_stops_the_sender() {
    let client = Settings { initial_window_size: 65_535, ..Settings::default() };
    let mut pair = Pair::new(&client, &Settings::default(), 10_000);
    let id = pair.client.request(get("/"), true).expect("open");
    pair.server_events();
    pair.server.respond(id, ok(), false).expect("open");
    pair.server.send_data(id, bytes(200_000), false).expect("open");
    let mut got = 0;
    let mut drained = false;
    for turn in 0..20 {
        let mut now = 0;
        for event in pair.client_events() {
            if let Event::Data { data, .. } = event {
                now += data.len();
            }
        }
        got += now;
        if turn == 0 {
            assert_eq!(now, 65_535);
            assert_eq!(pair.server.waiting(id), 200_000 - 65_535);
            // Nothing moves while nothing is released.
            assert!(pair.client_events().is_empty());
            assert!(pair.server_events().is_empty());
        }
        pair.client.release(id, now);
        drained |= pair.server_events().iter().any(|event| matches!(event, Event::Drained { .. }));
    }
    assert_eq!((got, pair.server.waiting(id), drained), (200_000, 0, true));
}

#[test]
fn a_slow_socket_holds_the_session_back() {
    let mut pair = Pair::new(
        &Settings { initial_window_size: 1 << 30, connection_window_size: 1 << 30, ..Settings::default() },
        &Settings { max_output: 50_000, max_send_buffer: 30_000, ..Settings::default() },
        100_000,
    );
    let id = pair.client.request(get("/"), true).expect("open");
    pair.server_events();
    pair.exchange();
    pair.server.respond(id, ok(), false).expect("open");
    pair.server.send_data(id, bytes(1_000_000), true).expect("open");
    let mut out = Vec::new();
    assert!(pair.server.take_output(&mut out));
    assert!(out.len() < 100_000 && pair.server.waiting(id) > 800_000);
    let mut got = 0;
    loop {
        pair.client.push(&std::mem::take(&mut out));
        while let Some(event) = pair.client.next_event() {
            if let Event::Data { stream, data } = event {
                pair.client.release(stream, data.len());
                got += data.len();
            }
        }
        pair.server.take_output(&mut out);
        if out.is_empty() {
            break;
        }
    }
    assert_eq!(got, 1_000_000);
}

#[test]
fn resets_are_told() {
    let mut pair = pair();
    let id = pair.client.request(get("/"), false).expect("open");
    assert_eq!(pair.server_events().len(), 1);
    pair.client.reset(id, Reason::CANCEL.into()).expect("open");
    assert!(matches!(pair.server_events()[..], [Event::Reset { stream: 1, code: 8 }]));
    assert!(matches!(pair.server.send_data(id, Bytes::new(), true), Err(Error::NoStream(1))));
    // While the server sends, with all its data waiting.
    let id = pair.client.request(get("/"), true).expect("open");
    pair.server_events();
    pair.server.respond(id, ok(), false).expect("open");
    pair.server.send_data(id, bytes(5 << 20), false).expect("open");
    pair.client_events();
    pair.client.reset(id, Reason::CANCEL.into()).expect("open");
    assert!(matches!(pair.server_events()[..], [Event::Reset { stream: 3, code: 8 }]));
    // By the server, before and after its head.
    for early in [true, false] {
        let id = pair.client.request(get("/"), false).expect("open");
        pair.server_events();
        if !early {
            pair.server.respond(id, ok(), false).expect("open");
            assert!(matches!(pair.client_events()[..], [Event::Response { .. }]));
        }
        pair.server.reset(id, Reason::INTERNAL_ERROR.into()).expect("open");
        assert!(matches!(pair.client_events()[..], [Event::Reset { code: 2, .. }]));
    }
    assert_eq!((pair.client.open_streams(), pair.server.open_streams()), (0, 0));
}

#[test]
fn an_answer_before_the_body_is_whole() {
    let mut pair = pair();
    let id = pair.client.request(get("/"), false).expect("open");
    pair.client.send_data(id, bytes(10), false).expect("open");
    pair.server_events();
    pair.server.respond(id, ok(), true).expect("open");
    assert!(pair.server.has_stream(id));
    pair.server.stop_receiving(id);
    assert!(!pair.server.has_stream(id));
    let events = pair.client_events();
    assert!(matches!(events[..], [Event::Drained { .. }, Event::Response { end: true, .. }]), "{events:?}");
    assert!(!pair.client.has_stream(id));
}

#[test]
fn unread_bodies_do_not_use_up_the_window() {
    let small = Settings { connection_window_size: 65_535, initial_window_size: 65_535, ..Settings::default() };
    let mut pair = Pair::new(&Settings::default(), &small, 10_000);
    for round in 0..10 {
        let id = pair.client.request(get("/"), false).expect("open");
        pair.client.send_data(id, bytes(60_000), false).expect("open");
        let got: usize =
            pair.server_events().iter().map(|event| if let Event::Data { data, .. } = event { data.len() } else { 0 }).sum();
        assert_eq!(got, 60_000, "round {round}");
        // One in two is left open, unread.
        pair.server.stop_receiving(id);
        if round % 2 == 0 {
            pair.server.respond(id, ok(), true).expect("open");
        }
        pair.exchange();
    }
}

#[test]
fn going_away_with_grace_lets_streams_end() {
    let mut pair = pair();
    let id = pair.client.request(get("/"), true).expect("open");
    pair.server_events();
    pair.server.go_away();
    pair.server.go_away();
    let seen = pair.client_events();
    assert!(seen.iter().any(|event| matches!(event, Event::GoAway { code: 0, .. })), "{seen:?}");
    assert!(pair.server_events().is_empty());
    pair.server.respond(id, ok(), false).expect("open");
    pair.server.send_data(id, Bytes::from_static(b"last"), true).expect("open");
    let events = pair.client_events();
    assert!(events.iter().any(|event| matches!(event, Event::Data { .. })), "{events:?}");
    assert!(pair.server_events().iter().any(|event| matches!(event, Event::Closed { error: None })));
    assert!(pair.server.is_closed());
    assert!(matches!(events.last(), Some(Event::Closed { error: None })), "{events:?}");
    pair.client.push_eof();
    assert!(pair.client.next_event().is_none());
    assert_eq!(pair.client.request(get("/"), true), Err(Error::SessionClosed));
}

#[test]
fn a_client_goes_away_with_a_reason() {
    let mut pair = pair();
    let id = pair.client.request(get("/"), true).expect("open");
    pair.exchange();
    pair.client.go_away(Reason::ENHANCE_YOUR_CALM.into(), b"enough").expect("open");
    assert_eq!(pair.client.request(get("/"), true), Err(Error::SessionClosed));
    let events = pair.server_events();
    assert!(
        events.iter().any(|event| matches!(event, Event::GoAway { code: 11, debug, .. } if &debug[..] == b"enough")),
        "{events:?}"
    );
    // The stream that is open goes on.
    if pair.server.has_stream(id) {
        pair.server.respond(id, ok(), true).expect("open");
        let events = pair.client_events();
        assert!(events.iter().any(|event| matches!(event, Event::Response { .. })), "{events:?}");
    }
}

#[test]
fn pings() {
    let mut pair = pair();
    pair.exchange();
    for _ in 0..3 {
        pair.client.ping().expect("open");
        assert!(matches!(pair.client.ping(), Err(Error::Usage(_))));
        assert!(matches!(pair.client_events()[..], [Event::Pong]));
        pair.server.ping().expect("open");
        assert!(matches!(pair.server_events()[..], [Event::Pong]));
    }
}

#[test]
fn requests_above_the_limit_wait_for_their_turn() {
    let limited = Settings { max_concurrent_streams: 10, ..Settings::default() };
    let mut pair = Pair::new(&Settings::default(), &limited, 500);
    pair.exchange();
    for _ in 0..100 {
        pair.client.request(get("/"), true).expect("open");
    }
    let (mut asked, mut answered) = (0, 0);
    while answered < 100 {
        let events = pair.server_events();
        assert!(!events.is_empty() && events.len() <= 10);
        for event in events {
            if let Event::Request { stream, .. } = event {
                asked += 1;
                pair.server.respond(stream, ok(), true).expect("open");
            }
        }
        answered += pair.client_events().len();
    }
    assert_eq!((asked, answered), (100, 100));
}

#[test]
fn misuse_is_told() {
    let mut pair = pair();
    let id = pair.client.request(get("/"), true).expect("open");
    pair.server_events();
    let forbidden = Response::builder().header("connection", "close").body(()).expect("valid");
    assert!(matches!(pair.server.respond(id, forbidden, true), Err(Error::Usage(_))));
    assert!(matches!(pair.server.send_data(id, Bytes::new(), true), Err(Error::NoStream(_))));
    pair.server.respond(id, ok(), false).expect("open");
    assert!(matches!(pair.server.respond(id, ok(), false), Err(Error::Usage(_))));
    pair.server.send_trailers(id, trailers("0")).expect("open");
    assert!(matches!(pair.server.send_data(id, Bytes::new(), true), Err(Error::NoStream(_))));
    let relative = Request::get("/no-authority").body(()).expect("valid");
    assert!(pair.client.request(relative, true).is_err());
}

#[test]
fn a_connection_cut_in_the_middle() {
    let mut pair = pair();
    pair.client.request(get("/"), false).expect("open");
    pair.server_events();
    pair.server.push_eof();
    let events = pair.server_events();
    assert!(matches!(events[..], [Event::Reset { stream: 1, .. }, Event::Closed { .. }]), "{events:?}");
    pair.client.push_eof();
    let events = pair.client_events();
    assert!(matches!(events[..], [Event::Reset { stream: 1, .. }, Event::Closed { .. }]), "{events:?}");
    assert!(pair.client.is_closed() && pair.client.ping().is_err());
    assert!(pair.client.next_event().is_none());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn garbage_never_panics(
        preface in any::<bool>(),
        frames in prop::collection::vec((0u8..12, any::<u8>(), 0u32..6, prop::collection::vec(any::<u8>(), 0..40)), 0..20),
        noise in prop::collection::vec(any::<u8>(), 0..40),
        step in 1usize..60,
    ) {
        let mut data = if preface { PREFACE.to_vec() } else { Vec::new() };
        for (kind, flags, stream, payload) in &frames {
            data.extend_from_slice(&(payload.len() as u32).to_be_bytes()[1..]);
            data.extend_from_slice(&[*kind, *flags]);
            data.extend_from_slice(&stream.to_be_bytes());
            data.extend_from_slice(payload);
        }
        data.extend_from_slice(&noise);
        let mut server = ServerSession::new(&Settings::default());
        let mut client = ClientSession::new(&Settings::default());
        client.request(get("/"), false).expect("open");
        for piece in data.chunks(step) {
            server.push(piece, NOW);
            client.push(piece);
            while let Some(event) = server.next_event() {
                if let Event::Request { stream, .. } = event {
                    let _ = server.respond(stream, ok(), false);
                    let _ = server.send_data(stream, bytes(100_000), true);
                }
            }
            while client.next_event().is_some() {}
        }
        server.push_eof();
        client.push_eof();
        while server.next_event().is_some() {}
        while client.next_event().is_some() {}
        prop_assert!(server.is_closed() && client.is_closed());
    }
}
