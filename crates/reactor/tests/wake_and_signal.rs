mod common;

use std::os::fd::RawFd;
use std::thread;
use std::time::{Duration, Instant};

use common::{Pair, Recorder, Seen};
use reactor::{Interest, Reactor, Waker};

#[test]
fn wakes_of_many_threads_all_arrive_in_their_order() {
    let (reactor, sink) = (Reactor::new().unwrap(), Recorder::default());
    let threads: Vec<_> = (0..4u64)
        .map(|thread| {
            let waker = reactor.waker();
            thread::spawn(move || (0..5000).for_each(|n| waker.wake(thread << 32 | n)))
        })
        .collect();
    let mut next = [0u64; 4];
    while next.iter().sum::<u64>() < 20_000 {
        for seen in sink.turn(&reactor) {
            let Seen::Woken(token) = seen else { panic!("{seen:?}") };
            let expected = &mut next[(token >> 32) as usize];
            assert_eq!(token as u32 as u64, *expected);
            *expected += 1;
        }
    }
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    assert_eq!(sink.poll(&reactor), []);
}

#[test]
fn a_wake_ends_a_sleep() {
    let (reactor, sink) = (Reactor::new().unwrap(), Recorder::default());
    let waker = reactor.waker();
    let thread = thread::spawn(move || {
        thread::sleep(Duration::from_millis(20));
        waker.wake(1);
    });
    let start = Instant::now();
    reactor.turn(Some(Duration::from_secs(10)), &sink).unwrap();
    assert!(start.elapsed() < Duration::from_secs(5));
    assert_eq!(sink.take(), [Seen::Woken(1)]);
    thread.join().unwrap();
}

#[test]
fn a_waker_outlives_its_loop() {
    fn sendable<T: Send + Sync + Clone>(value: T) -> T {
        value
    }
    let waker: Waker = sendable(Reactor::new().unwrap().waker());
    waker.wake(1);
    waker.wake(2);
}

fn mask_has(signo: i32) -> bool {
    // SAFETY: a zeroed set is a valid out-argument; a null new set changes nothing.
    unsafe {
        let mut set = std::mem::zeroed();
        libc::pthread_sigmask(libc::SIG_BLOCK, std::ptr::null(), &mut set);
        libc::sigismember(&set, signo) == 1
    }
}

fn raise(signo: i32) {
    // SAFETY: no pointers; the thread is this one.
    unsafe { libc::pthread_kill(libc::pthread_self(), signo) };
}

#[test]
fn a_watched_signal_is_an_event_and_the_mask_comes_back() {
    let (reactor, sink) = (Reactor::new().unwrap(), Recorder::default());
    assert!(!mask_has(libc::SIGUSR1));
    for _ in 0..2 {
        reactor.watch_signal(libc::SIGUSR1).unwrap();
        reactor.watch_signal(libc::SIGUSR1).unwrap();
        assert!(reactor.watched(libc::SIGUSR1) && mask_has(libc::SIGUSR1));
        raise(libc::SIGUSR1);
        assert_eq!(sink.turn(&reactor), [Seen::Signal(libc::SIGUSR1)]);
        assert_eq!(sink.poll(&reactor), []);
        reactor.unwatch_signal(libc::SIGUSR1).unwrap();
        assert!(!reactor.watched(libc::SIGUSR1) && !mask_has(libc::SIGUSR1));
    }
    reactor.watch_signal(libc::SIGUSR1).unwrap();
    reactor.watch_signal(libc::SIGUSR2).unwrap();
    assert_eq!(reactor.signal_count(), 2);
    drop(reactor);
    assert!(!mask_has(libc::SIGUSR1) && !mask_has(libc::SIGUSR2));
}

#[test]
fn signals_that_cannot_be_caught_are_refused() {
    let reactor = Reactor::new().unwrap();
    for signo in [0, -1, 1000, libc::SIGKILL, libc::SIGSTOP] {
        let error = reactor.watch_signal(signo).unwrap_err();
        assert_eq!(error.raw_os_error(), Some(libc::EINVAL), "{signo}");
        assert!(!reactor.watched(signo));
    }
    reactor.unwatch_signal(libc::SIGUSR1).unwrap();
}

#[test]
fn an_unwatched_signal_interrupts() {
    extern "C" fn nothing(_: i32) {}
    let (reactor, sink) = (Reactor::new().unwrap(), Recorder::default());
    // SAFETY: the handler does nothing; SIGURG is otherwise unused here.
    let target = unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = nothing as *const () as usize;
        libc::sigaction(libc::SIGURG, &action, std::ptr::null_mut());
        libc::pthread_self()
    };
    let thread = thread::spawn(move || {
        thread::sleep(Duration::from_millis(50));
        // SAFETY: the target thread waits for this one to end.
        unsafe { libc::pthread_kill(target, libc::SIGURG) };
    });
    let start = Instant::now();
    reactor.turn(Some(Duration::from_secs(10)), &sink).unwrap();
    assert_eq!(sink.take(), [Seen::Interrupted]);
    assert!(start.elapsed() < Duration::from_secs(5));
    thread.join().unwrap();
}

fn open_fds() -> Vec<RawFd> {
    let mut fds: Vec<RawFd> = (0..256)
        // SAFETY: no pointers.
        .filter(|&fd| unsafe { libc::fcntl(fd, libc::F_GETFD) } >= 0)
        .collect();
    fds.sort();
    fds
}

/// In one forked child (exit code says what failed): the child lets go, and the parent notices nothing.
#[test]
fn a_forked_child_forgets_without_disturbing_the_parent() {
    let (reactor, sink, pair) = (Reactor::new().unwrap(), Recorder::default(), Pair::new());
    reactor.add(pair.fd(), Interest::READ, 5).unwrap();
    reactor.watch_signal(libc::SIGUSR1).unwrap();
    reactor.add_timer(Instant::now() + Duration::from_secs(60), 1);
    let waker = reactor.waker();
    // SAFETY: the child only makes system calls and leaves by _exit.
    let child = unsafe { libc::fork() };
    assert!(child >= 0);
    if child == 0 {
        let before = open_fds().len();
        reactor.forget();
        let mut code = 0;
        code |= i32::from(open_fds().len() + 3 != before);
        waker.wake(1);
        code |= i32::from(reactor.turn(Some(Duration::ZERO), &sink).is_ok()) << 1;
        code |= i32::from(reactor.wait(pair.fd(), Interest::READ, 1).is_ok()) << 2;
        code |= i32::from(reactor.timer_count() + reactor.fd_count() + reactor.signal_count() != 0) << 3;
        code |= i32::from(mask_has(libc::SIGUSR1)) << 4;
        match Reactor::new() {
            Ok(own) => {
                drop(reactor);
                drop(waker);
                own.post(3);
                code |= i32::from(sink.poll(&own) != [Seen::Posted(3)]) << 5;
            }
            Err(_) => code |= 64,
        }
        // SAFETY: ends the child without the test harness's own exit work.
        unsafe { libc::_exit(code) };
    }
    let mut status = 0;
    // SAFETY: `status` outlives the call; the child is ours.
    assert_eq!(unsafe { libc::waitpid(child, &mut status, 0) }, child);
    assert!(libc::WIFEXITED(status), "{status}");
    assert_eq!(libc::WEXITSTATUS(status), 0);
    pair.feed();
    waker.wake(9);
    let mut seen = sink.turn(&reactor);
    seen.extend(sink.poll(&reactor));
    assert!(seen.contains(&Seen::Woken(9)), "{seen:?}");
    assert!(seen.iter().any(|seen| matches!(seen, Seen::Source(5, _))), "{seen:?}");
    raise(libc::SIGUSR1);
    assert!(sink.turn(&reactor).contains(&Seen::Signal(libc::SIGUSR1)));
}

/// In one forked child: it goes on with a copy of the loop, and neither hears or disturbs the other.
#[test]
fn a_forked_child_renews_what_it_shares() {
    let (reactor, sink, pair) = (Reactor::new().unwrap(), Recorder::default(), Pair::new());
    reactor.add(pair.fd(), Interest::READ, 5).unwrap();
    reactor.watch_signal(libc::SIGUSR2).unwrap();
    reactor.add_timer(Instant::now() + Duration::from_millis(20), 1);
    let waker = reactor.waker();
    // SAFETY: the child only makes system calls and leaves by _exit.
    let child = unsafe { libc::fork() };
    assert!(child >= 0);
    if child == 0 {
        let before = open_fds().len();
        let mut code = i32::from(reactor.renew().is_err());
        code |= i32::from(open_fds().len() != before) << 1;
        // A thread of the parent's, or a handle that it left: nobody hears it, here or there.
        waker.wake(7);
        code |= i32::from(sink.turn(&reactor) != [Seen::Timer(1)]) << 2;
        reactor.waker().wake(8);
        code |= i32::from(sink.turn(&reactor) != [Seen::Woken(8)]) << 3;
        raise(libc::SIGUSR2);
        code |= i32::from(sink.turn(&reactor) != [Seen::Signal(libc::SIGUSR2)]) << 4;
        pair.feed();
        code |= i32::from(!matches!(sink.turn(&reactor)[..], [Seen::Source(5, _)])) << 5;
        pair.eat();
        code |= i32::from(reactor.remove(pair.fd()).is_err() || reactor.unwatch_signal(libc::SIGUSR2).is_err()) << 6;
        // SAFETY: ends the child without the test harness's own exit work.
        unsafe { libc::_exit(code) };
    }
    let mut status = 0;
    // SAFETY: `status` outlives the call; the child is ours.
    assert_eq!(unsafe { libc::waitpid(child, &mut status, 0) }, child);
    assert!(libc::WIFEXITED(status), "{status}");
    assert_eq!(libc::WEXITSTATUS(status), 0);
    assert_eq!(sink.turn(&reactor), [Seen::Timer(1)]);
    // What the child took out of its own loop is still in this one.
    pair.feed();
    assert!(matches!(sink.turn(&reactor)[..], [Seen::Source(5, _)]));
    pair.eat();
    waker.wake(9);
    assert_eq!(sink.turn(&reactor), [Seen::Woken(9)]);
    raise(libc::SIGUSR2);
    assert_eq!(sink.turn(&reactor), [Seen::Signal(libc::SIGUSR2)]);
}
