mod common;

use std::time::{Duration, Instant};

use common::{Pair, Recorder, Seen};
use reactor::{Interest, Reactor, Readiness};

#[test]
fn a_timer_is_on_time_and_never_early() {
    let (reactor, sink) = (Reactor::new().unwrap(), Recorder::default());
    let mut late = Vec::new();
    for _ in 0..30 {
        let deadline = Instant::now() + Duration::from_millis(1);
        reactor.add_timer(deadline, 1);
        assert_eq!(reactor.next_deadline(), Some(deadline));
        assert_eq!(sink.turn(&reactor), [Seen::Timer(1)]);
        let now = Instant::now();
        assert!(now >= deadline);
        late.push(now - deadline);
    }
    late.sort();
    // Milliseconds would round 1 ms up to 2; the median is far from that even on a busy machine.
    assert!(late[10] < Duration::from_micros(900), "{late:?}");
    assert_eq!((reactor.timer_count(), reactor.next_deadline()), (0, None));
}

#[test]
fn cancelled_timers_do_not_fire() {
    let (reactor, sink) = (Reactor::new().unwrap(), Recorder::default());
    let now = Instant::now();
    let ids: Vec<_> = (0..10).map(|token| reactor.add_timer(now, token)).collect();
    for id in ids.iter().step_by(2) {
        assert!(reactor.cancel_timer(*id));
        assert!(!reactor.cancel_timer(*id));
    }
    assert_eq!(reactor.timer_count(), 5);
    assert_eq!(sink.poll(&reactor), [1, 3, 5, 7, 9].map(Seen::Timer));
    assert!(!reactor.cancel_timer(ids[1]));
}

#[test]
fn a_timer_may_cancel_one_that_is_due_with_it() {
    let reactor = Reactor::new().unwrap();
    let now = Instant::now();
    reactor.add_timer(now, 1);
    let second = reactor.add_timer(now, 2);
    let sink = Recorder::reacting(|_| assert!(reactor.cancel_timer(second)));
    assert_eq!(sink.poll(&reactor), [Seen::Timer(1)]);
}

#[test]
fn a_timer_that_adds_a_due_timer_leaves_room_for_io() {
    let reactor = Reactor::new().unwrap();
    let sink = Recorder::reacting(|seen| {
        if *seen == Seen::Timer(1) {
            reactor.add_timer(Instant::now() - Duration::from_secs(1), 1);
        }
    });
    reactor.add_timer(Instant::now(), 1);
    for _ in 0..3 {
        assert_eq!(sink.poll(&reactor), [Seen::Timer(1)]);
    }
}

#[test]
fn order_of_one_turn() {
    let (reactor, pair) = (Reactor::new().unwrap(), Pair::new());
    let sink = Recorder::default();
    // A loop's first turn is another matter.
    reactor.turn(Some(Duration::ZERO), &sink).unwrap();
    sink.take();
    sink.phases.set(true);
    sink.deferred.set(true);
    pair.feed();
    reactor.post(3);
    reactor.add_timer(Instant::now(), 2);
    reactor.wait(pair.fd(), Interest::READ, 1).unwrap();
    reactor.waker().wake(4);
    reactor.watch_signal(libc::SIGWINCH).unwrap();
    raise(libc::SIGWINCH);
    assert_eq!(
        sink.turn(&reactor),
        [
            Seen::Signal(libc::SIGWINCH),
            Seen::Ready(1, Readiness::READ),
            Seen::Woken(4),
            Seen::Posted(3),
            Seen::Timer(2),
            Seen::Deferred,
            Seen::Cycle,
        ]
    );
}

#[test]
fn in_the_first_turn_what_was_deferred_comes_before_what_is_due() {
    let reactor = Reactor::new().unwrap();
    let sink = Recorder::default();
    sink.phases.set(true);
    sink.deferred.set(true);
    reactor.add_timer(Instant::now(), 2);
    assert_eq!(sink.turn(&reactor), [Seen::Deferred, Seen::Cycle]);
    sink.deferred.set(false);
    assert!(sink.turn(&reactor).contains(&Seen::Timer(2)));
}

/// To this thread: the signal must find the thread that blocks it.
fn raise(signo: i32) {
    // SAFETY: no pointers.
    unsafe { libc::pthread_kill(libc::pthread_self(), signo) };
}

#[test]
fn posting_for_ever_starves_nobody() {
    let (reactor, pair) = (Reactor::new().unwrap(), Pair::new());
    let sink = Recorder::reacting(|seen| {
        if *seen == Seen::Posted(1) {
            reactor.post(1);
        }
    });
    reactor.post(1);
    reactor.wait(pair.fd(), Interest::READ, 7).unwrap();
    pair.feed();
    // A pending token also keeps the turn from sleeping.
    reactor.turn(None, &sink).unwrap();
    assert!(sink.take().contains(&Seen::Ready(7, Readiness::READ)));
    reactor.turn(None, &sink).unwrap();
    assert!(sink.take().contains(&Seen::Posted(1)));
}

#[test]
fn a_nested_turn_goes_on_with_what_the_outer_one_fetched() {
    let (reactor, a, b) = (Reactor::new().unwrap(), Pair::new(), Pair::new());
    let inner = Recorder::default();
    let outer = Recorder::reacting(|seen| {
        if matches!(seen, Seen::Ready(..)) {
            assert_eq!(inner.turn(&reactor).len(), 1);
        }
        if matches!(seen, Seen::Posted(1)) {
            assert_eq!(inner.turn(&reactor), [Seen::Posted(2), Seen::Posted(3)]);
        }
    });
    a.feed();
    b.feed();
    reactor.wait(a.fd(), Interest::READ, 1).unwrap();
    reactor.wait(b.fd(), Interest::READ, 2).unwrap();
    assert_eq!(outer.turn(&reactor).len(), 1);
    for token in 1..=3 {
        reactor.post(token);
    }
    assert_eq!(outer.turn(&reactor), [Seen::Posted(1)]);
    assert_eq!(reactor.wait_count(), 0);
}

/// Both halves of one descriptor: the inner turn must find the half that the outer one has not told.
#[test]
fn a_nested_turn_finds_the_other_half() {
    let (reactor, pair) = (Reactor::new().unwrap(), Pair::new());
    let inner = Recorder::default();
    let outer = Recorder::reacting(|_| {
        assert_eq!(inner.turn(&reactor), [Seen::Ready(2, Readiness::WRITE)]);
    });
    pair.feed();
    reactor.wait(pair.fd(), Interest::READ, 1).unwrap();
    reactor.wait(pair.fd(), Interest::WRITE, 2).unwrap();
    assert_eq!(outer.turn(&reactor), [Seen::Ready(1, Readiness::READ)]);
}

#[test]
fn more_events_than_one_batch() {
    let (reactor, sink) = (Reactor::new().unwrap(), Recorder::default());
    let mut pairs = Vec::new();
    for waiter in 0..200 {
        let pair = Pair::new();
        reactor.wait(pair.fd(), Interest::WRITE, waiter).unwrap();
        // SAFETY: dup(2) of an open descriptor; closed below by number.
        let copies = [0; 3].map(|_| unsafe { libc::dup(pair.fd()) });
        for (n, copy) in copies.into_iter().enumerate() {
            reactor.wait(copy, Interest::WRITE, 1000 * (n as u64 + 1) + waiter).unwrap();
        }
        pairs.push((pair, copies));
    }
    let mut seen = sink.poll(&reactor);
    seen.extend(sink.poll(&reactor));
    assert_eq!(seen.len(), 800);
    assert_eq!(reactor.wait_count(), 0);
    for fd in pairs.iter().flat_map(|(_, copies)| copies) {
        // SAFETY: our own copies.
        unsafe { libc::close(*fd) };
    }
}
