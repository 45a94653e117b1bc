mod common;

use std::fs::File;
use std::os::fd::{AsRawFd, FromRawFd, IntoRawFd, OwnedFd};

use common::{Pair, Recorder, Seen};
use reactor::{Direction, Interest, Reactor, Readiness, WaitError};

#[test]
fn a_wait_is_good_for_one_event() {
    let (reactor, sink, pair) = (Reactor::new().unwrap(), Recorder::default(), Pair::new());
    reactor.wait(pair.fd(), Interest::READ, 7).unwrap();
    assert_eq!(reactor.waiter(pair.fd(), Direction::Read), Some(7));
    assert_eq!(sink.poll(&reactor), []);
    pair.feed();
    assert_eq!(sink.turn(&reactor), [Seen::Ready(7, Readiness::READ)]);
    assert_eq!(reactor.waiter(pair.fd(), Direction::Read), None);
    assert_eq!((reactor.fd_count(), reactor.wait_count()), (0, 0));
    assert_eq!(sink.poll(&reactor), []);
    // Still readable: the next wait ends at once.
    reactor.wait(pair.fd(), Interest::READ, 8).unwrap();
    assert_eq!(sink.turn(&reactor), [Seen::Ready(8, Readiness::READ)]);
}

#[test]
fn a_second_waiter_of_a_half_is_refused() {
    let (reactor, sink, pair) = (Reactor::new().unwrap(), Recorder::default(), Pair::new());
    reactor.wait(pair.fd(), Interest::READ, 1).unwrap();
    assert!(matches!(reactor.wait(pair.fd(), Interest::READ, 2), Err(WaitError::Busy(1))));
    assert!(matches!(reactor.wait(pair.fd(), Interest::BOTH, 2), Err(WaitError::Busy(1))));
    reactor.wait(pair.fd(), Interest::WRITE, 2).unwrap();
    assert_eq!((reactor.fd_count(), reactor.wait_count()), (1, 2));
    assert_eq!(sink.turn(&reactor), [Seen::Ready(2, Readiness::WRITE)]);
    // The reader was armed again.
    pair.feed();
    assert_eq!(sink.turn(&reactor), [Seen::Ready(1, Readiness::READ)]);
}

#[test]
fn one_event_for_both_halves_reaches_both_waiters() {
    let (reactor, sink, pair) = (Reactor::new().unwrap(), Recorder::default(), Pair::new());
    pair.feed();
    reactor.wait(pair.fd(), Interest::READ, 1).unwrap();
    reactor.wait(pair.fd(), Interest::WRITE, 2).unwrap();
    assert_eq!(sink.turn(&reactor), [Seen::Ready(1, Readiness::READ), Seen::Ready(2, Readiness::WRITE)]);
}

#[test]
fn one_waiter_of_both_halves_is_told_once() {
    let (reactor, sink, pair) = (Reactor::new().unwrap(), Recorder::default(), Pair::new());
    pair.feed();
    reactor.wait(pair.fd(), Interest::BOTH, 1).unwrap();
    assert_eq!(sink.turn(&reactor), [Seen::Ready(1, Readiness::READ | Readiness::WRITE)]);
    assert_eq!(reactor.wait_count(), 0);
}

#[test]
fn the_first_waiter_may_cancel_the_second() {
    let (reactor, pair) = (Reactor::new().unwrap(), Pair::new());
    let fd = pair.fd();
    let sink = Recorder::reacting(|seen| {
        if matches!(seen, Seen::Ready(1, _)) {
            reactor.unwait(fd, 2);
        }
    });
    pair.feed();
    reactor.wait(fd, Interest::READ, 1).unwrap();
    reactor.wait(fd, Interest::WRITE, 2).unwrap();
    assert_eq!(sink.turn(&reactor), [Seen::Ready(1, Readiness::READ)]);
    assert_eq!(sink.poll(&reactor), []);
}

#[test]
fn the_first_waiter_may_wait_again_without_robbing_the_second() {
    let (reactor, pair) = (Reactor::new().unwrap(), Pair::new());
    let fd = pair.fd();
    let sink = Recorder::reacting(|seen| {
        if matches!(seen, Seen::Ready(1, _)) {
            pair.eat();
            reactor.wait(fd, Interest::READ, 1).unwrap();
        }
    });
    pair.feed();
    reactor.wait(fd, Interest::READ, 1).unwrap();
    reactor.wait(fd, Interest::WRITE, 2).unwrap();
    assert_eq!(sink.turn(&reactor), [Seen::Ready(1, Readiness::READ)]);
    assert_eq!(sink.turn(&reactor), [Seen::Ready(2, Readiness::WRITE)]);
    assert_eq!(sink.poll(&reactor), []);
    assert_eq!(reactor.waiter(fd, Direction::Read), Some(1));
}

#[test]
fn a_cancelled_wait_ends_silently_and_the_next_one_works() {
    let (reactor, sink, pair) = (Reactor::new().unwrap(), Recorder::default(), Pair::new());
    reactor.wait(pair.fd(), Interest::READ, 1).unwrap();
    reactor.unwait(pair.fd(), 1);
    reactor.unwait(pair.fd(), 1);
    pair.feed();
    assert_eq!(sink.poll(&reactor), []);
    reactor.wait(pair.fd(), Interest::READ, 2).unwrap();
    assert_eq!(sink.turn(&reactor), [Seen::Ready(2, Readiness::READ)]);
}

#[test]
fn cancelling_one_half_leaves_the_other_waiting() {
    let (reactor, sink, pair) = (Reactor::new().unwrap(), Recorder::default(), Pair::new());
    pair.stuff();
    reactor.wait(pair.fd(), Interest::READ, 1).unwrap();
    reactor.wait(pair.fd(), Interest::WRITE, 2).unwrap();
    reactor.unwait(pair.fd(), 1);
    // Spends the one shot on the half that nobody waits for any more.
    pair.feed();
    assert_eq!(sink.poll(&reactor), []);
    pair.unstuff();
    assert_eq!(sink.turn(&reactor), [Seen::Ready(2, Readiness::WRITE)]);
}

#[test]
fn closing_tells_each_waiter_once() {
    let (reactor, sink, pair) = (Reactor::new().unwrap(), Recorder::default(), Pair::new());
    let fd = pair.fd();
    pair.stuff();
    reactor.wait(fd, Interest::READ, 1).unwrap();
    reactor.wait(fd, Interest::WRITE, 2).unwrap();
    reactor.closing(fd, &sink);
    assert_eq!(sink.take(), [Seen::Closed(2, fd), Seen::Closed(1, fd)]);
    reactor.wait(fd, Interest::BOTH, 3).unwrap();
    reactor.closing(fd, &sink);
    assert_eq!(sink.take(), [Seen::Closed(3, fd)]);
    reactor.closing(fd, &sink);
    reactor.closing(-1, &sink);
    reactor.closing(1 << 30, &sink);
    assert_eq!(sink.take(), []);
    pair.feed();
    assert_eq!(sink.poll(&reactor), []);
}

#[test]
fn an_event_of_an_earlier_file_with_the_same_number_is_ignored() {
    let (reactor, pair, other) = (Reactor::new().unwrap(), Pair::new(), Pair::new());
    let fd = other.fd();
    // Both are ready in one batch; whichever comes first replaces the other's file.
    let (a, b) = (pair.fd(), fd);
    let fresh = Pair::new();
    let sink = Recorder::reacting(|seen| {
        if let Seen::Ready(waiter, _) = seen {
            let victim = if *waiter == 1 { b } else { a };
            reactor.closing(victim, &Recorder::default());
            // SAFETY: both are open descriptors of this test; `victim` now names the fresh socket.
            assert!(unsafe { libc::dup2(fresh.fd(), victim) } >= 0);
            reactor.wait(victim, Interest::READ, 3).unwrap();
        }
    });
    pair.feed();
    other.feed();
    reactor.wait(a, Interest::READ, 1).unwrap();
    reactor.wait(b, Interest::READ, 2).unwrap();
    let seen = sink.turn(&reactor);
    assert_eq!(seen.len(), 1, "{seen:?}");
    assert_eq!(sink.poll(&reactor), []);
    *sink.react.borrow_mut() = None;
    fresh.feed();
    assert_eq!(sink.turn(&reactor), [Seen::Ready(3, Readiness::READ)]);
}

#[test]
fn a_descriptor_closed_behind_our_back_comes_back_as_another() {
    let (reactor, sink) = (Reactor::new().unwrap(), Recorder::default());
    let old = Pair::new();
    let fresh = Pair::new();
    let fd = old.near.into_raw_fd();
    reactor.wait(fd, Interest::READ, 1).unwrap();
    reactor.unwait(fd, 1);
    // SAFETY: `fd` is ours; dup2 closes it without a word to the loop and reuses the number.
    let fd = unsafe {
        assert!(libc::dup2(fresh.fd(), fd) >= 0);
        OwnedFd::from_raw_fd(fd)
    };
    reactor.wait(fd.as_raw_fd(), Interest::READ, 2).unwrap();
    fresh.feed();
    assert_eq!(sink.turn(&reactor), [Seen::Ready(2, Readiness::READ)]);
}

#[test]
fn what_cannot_be_polled_says_so() {
    let reactor = Reactor::new().unwrap();
    let file = File::open("/proc/self/exe").unwrap();
    let fd = file.as_raw_fd();
    for _ in 0..2 {
        assert!(matches!(reactor.wait(fd, Interest::READ, 1), Err(WaitError::NotPollable)));
        assert!(matches!(reactor.add(fd, Interest::READ, 1), Err(WaitError::NotPollable)));
    }
    assert_eq!((reactor.fd_count(), reactor.wait_count(), reactor.source_count()), (0, 0, 0));
    for fd in [-1, 1 << 30, i32::MAX] {
        match reactor.wait(fd, Interest::READ, 1) {
            Err(error @ WaitError::Os(_)) => assert_eq!(error.errno(), libc::EBADF),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn hang_up_ends_every_wait() {
    let (reactor, sink) = (Reactor::new().unwrap(), Recorder::default());
    let Pair { near, far } = Pair::new();
    reactor.wait(near.as_raw_fd(), Interest::EMPTY, 1).unwrap();
    assert_eq!(sink.poll(&reactor), []);
    drop(far);
    assert_eq!(sink.turn(&reactor), [Seen::Ready(1, Readiness::HANGUP)]);
}
