mod common;

use std::os::fd::AsRawFd;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use common::{Pair, Recorder, Seen};
use reactor::{Interest, Reactor, Readiness, WaitError};

#[test]
fn a_source_is_reported_until_it_is_consumed() {
    let (reactor, sink, pair) = (Reactor::new().unwrap(), Recorder::default(), Pair::new());
    reactor.add(pair.fd(), Interest::READ, 5).unwrap();
    assert!(matches!(reactor.add(pair.fd(), Interest::READ, 6), Err(WaitError::Busy(5))));
    assert_eq!(reactor.source(pair.fd()), Some((5, Interest::READ)));
    assert_eq!((reactor.fd_count(), reactor.source_count()), (1, 1));
    assert_eq!(sink.poll(&reactor), []);
    pair.feed();
    for _ in 0..3 {
        assert_eq!(sink.poll(&reactor), [Seen::Source(5, Readiness::READ)]);
    }
    pair.eat();
    assert_eq!(sink.poll(&reactor), []);
}

#[test]
fn modify_and_remove() {
    let (reactor, sink, pair) = (Reactor::new().unwrap(), Recorder::default(), Pair::new());
    let fd = pair.fd();
    assert_eq!(reactor.modify(fd, Interest::READ).unwrap_err().raw_os_error(), Some(libc::ENOENT));
    assert!(!reactor.remove(fd).unwrap());
    reactor.add(fd, Interest::READ, 5).unwrap();
    reactor.modify(fd, Interest::BOTH).unwrap();
    assert_eq!(sink.poll(&reactor), [Seen::Source(5, Readiness::WRITE)]);
    reactor.modify(fd, Interest::EMPTY).unwrap();
    pair.feed();
    assert_eq!(sink.poll(&reactor), []);
    assert!(reactor.remove(fd).unwrap());
    assert!(!reactor.remove(fd).unwrap());
    assert_eq!((reactor.source(fd), reactor.fd_count()), (None, 0));
    reactor.add(fd, Interest::READ, 6).unwrap();
    assert_eq!(sink.poll(&reactor), [Seen::Source(6, Readiness::READ)]);
}

#[test]
fn a_coroutine_is_served_before_the_source() {
    let (reactor, pair) = (Reactor::new().unwrap(), Pair::new());
    let fd = pair.fd();
    reactor.add(fd, Interest::READ, 5).unwrap();
    reactor.wait(fd, Interest::READ, 1).unwrap();
    let sink = Recorder::reacting(|seen| {
        if matches!(seen, Seen::Ready(..)) {
            pair.eat();
        }
    });
    pair.feed();
    assert_eq!(sink.turn(&reactor), [Seen::Ready(1, Readiness::READ)]);
    assert_eq!(sink.poll(&reactor), []);
    // Nobody eats: the source sees it.
    pair.feed();
    assert_eq!(sink.poll(&reactor), [Seen::Source(5, Readiness::READ)]);
}

#[test]
fn a_wait_beside_a_source_leaves_no_trace() {
    let (reactor, sink, pair) = (Reactor::new().unwrap(), Recorder::default(), Pair::new());
    let fd = pair.fd();
    reactor.add(fd, Interest::READ, 5).unwrap();
    reactor.wait(fd, Interest::WRITE, 1).unwrap();
    assert_eq!(sink.turn(&reactor), [Seen::Ready(1, Readiness::WRITE)]);
    assert_eq!(sink.poll(&reactor), []);
    // The writable half is no longer reported: this turn sleeps.
    let start = Instant::now();
    reactor.turn(Some(Duration::from_millis(30)), &sink).unwrap();
    assert!(start.elapsed() >= Duration::from_millis(30));
    pair.feed();
    assert_eq!(sink.turn(&reactor), [Seen::Source(5, Readiness::READ)]);
}

#[test]
fn source_and_waiter_share_one_event() {
    let (reactor, sink, pair) = (Reactor::new().unwrap(), Recorder::default(), Pair::new());
    let fd = pair.fd();
    pair.feed();
    reactor.add(fd, Interest::READ, 5).unwrap();
    reactor.wait(fd, Interest::WRITE, 1).unwrap();
    assert_eq!(sink.turn(&reactor), [Seen::Ready(1, Readiness::WRITE), Seen::Source(5, Readiness::READ)]);
}

#[test]
fn removing_the_source_keeps_the_waiter() {
    let (reactor, sink, pair) = (Reactor::new().unwrap(), Recorder::default(), Pair::new());
    let fd = pair.fd();
    reactor.add(fd, Interest::READ, 5).unwrap();
    reactor.wait(fd, Interest::READ, 1).unwrap();
    assert!(reactor.remove(fd).unwrap());
    pair.feed();
    assert_eq!(sink.turn(&reactor), [Seen::Ready(1, Readiness::READ)]);
    assert_eq!(sink.poll(&reactor), []);
}

#[test]
fn a_source_removed_by_another_in_the_same_batch_is_not_reported() {
    let (reactor, a, b) = (Reactor::new().unwrap(), Pair::new(), Pair::new());
    let sink = Recorder::reacting(|seen| match seen {
        Seen::Source(1, _) => drop(reactor.remove(b.fd())),
        Seen::Source(2, _) => drop(reactor.remove(a.fd())),
        _ => {}
    });
    a.feed();
    b.feed();
    reactor.add(a.fd(), Interest::READ, 1).unwrap();
    reactor.add(b.fd(), Interest::READ, 2).unwrap();
    assert_eq!(sink.poll(&reactor).len(), 1);
}

#[test]
fn hang_up_of_the_peer_is_named() {
    let (reactor, sink) = (Reactor::new().unwrap(), Recorder::default());
    let Pair { near, far } = Pair::new();
    reactor.add(near.as_raw_fd(), Interest::READ | Interest::READ_HANGUP, 5).unwrap();
    far.shutdown(std::net::Shutdown::Write).unwrap();
    let expected = Readiness::READ | Readiness::READ_HANGUP;
    assert_eq!(sink.turn(&reactor), [Seen::Source(5, expected)]);
    drop(far);
    assert_eq!(sink.turn(&reactor), [Seen::Source(5, expected | Readiness::HANGUP)]);
}

/// A child keeps the file open, so closing our descriptor does not take it out of epoll, and no call
/// can name it any more.
#[test]
fn a_registration_beyond_reach_does_not_spin_for_ever() {
    let (reactor, sink) = (Reactor::new().unwrap(), Recorder::default());
    let Pair { near, far } = Pair::new();
    let fd = near.as_raw_fd();
    let kept = near.try_clone().unwrap();
    let mut child = Command::new("sleep").arg("20").stdin(Stdio::from(std::os::fd::OwnedFd::from(kept))).spawn().unwrap();
    reactor.add(fd, Interest::READ, 5).unwrap();
    let lasting = Pair::new();
    reactor.wait(lasting.fd(), Interest::READ, 9).unwrap();
    let other = Pair::new();
    // SAFETY: both descriptors are open and ours; the old file lives on in the child only.
    assert!(unsafe { libc::dup2(other.fd(), fd) } >= 0);
    // The number now belongs to another file; the loop learns it from a new registration.
    assert!(reactor.remove(fd).unwrap());
    common::Pair { near, far }.feed();
    reactor.wait(other.fd(), Interest::READ, 6).unwrap();
    let mut spins = 0;
    let start = Instant::now();
    while start.elapsed() < Duration::from_millis(300) {
        reactor.turn(Some(Duration::from_millis(50)), &sink).unwrap();
        spins += 1;
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!((100..1000).contains(&spins), "{spins} turns");
    lasting.feed();
    assert_eq!(sink.turn(&reactor), [Seen::Ready(9, Readiness::READ)]);
    other.feed();
    assert_eq!(sink.turn(&reactor), [Seen::Ready(6, Readiness::READ)]);
}
