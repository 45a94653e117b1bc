//! The engine without PHP: bodies are plain Rust functions.

use std::cell::RefCell;
use std::time::{Duration, Instant};

use coroutine::{Channel, ChannelError, Co, Engine, Host, Outcome, SpawnError, Switches, Task, Wake, engine, install};

/// A host with no language state to switch.
struct Bare;

unsafe extern "C" fn no_switch(_from: *mut u8, _to: *mut u8) {}
unsafe extern "C" fn no_start(_from: *mut u8, _new: *mut u8, _page: *mut u8, _bytes: usize, _low: *mut u8) {}

impl Host for Bare {
    fn switches(&self) -> Switches {
        Switches { switch: no_switch, start: no_start, end: no_switch }
    }
    fn timer(&self, token: u64) {
        note(format!("timer {token}"));
    }
    fn signal(&self, _signo: i32, _info: &libc::signalfd_siginfo) {}
}

thread_local! {
    static LOG: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

fn note(text: impl Into<String>) {
    LOG.with_borrow_mut(|log| log.push(text.into()));
}

fn log() -> Vec<String> {
    LOG.with_borrow_mut(std::mem::take)
}

fn fresh() -> &'static Engine {
    install(Box::leak(Box::new(Bare)), 256 * 1024);
    engine().expect("installed")
}

/// Runs a closure as a coroutine.
fn go(body: impl FnOnce() + 'static) -> i64 {
    unsafe fn run(_co: &Co, argument: *mut u8) -> Outcome {
        // SAFETY: `go` leaked a box of this type for us alone.
        let body = unsafe { Box::from_raw(argument.cast::<Box<dyn FnOnce()>>()) };
        body();
        Outcome::Done
    }
    let body: Box<Box<dyn FnOnce()>> = Box::new(Box::new(body));
    // SAFETY: the box lives until the body takes it.
    unsafe { engine().expect("installed").spawn(run, Box::into_raw(body).cast()) }.expect("spawned")
}

#[test]
fn a_body_runs_at_once_until_it_first_waits() {
    let engine = fresh();
    let id = go(|| {
        note("begin");
        engine_here().suspend(Task::Yield);
        note("end");
    });
    note("after go");
    assert!(engine.resume_yielding(id).unwrap());
    assert_eq!(log(), ["begin", "after go", "end"]);
    assert!(engine.find(id).is_none());
    assert!(!engine.resume_yielding(id).unwrap(), "an ended coroutine cannot be resumed");
}

fn engine_here() -> &'static Engine {
    engine().expect("installed")
}

#[test]
fn ids_count_up_and_are_never_reused() {
    fresh();
    let first = go(|| {});
    let second = go(|| {});
    assert_eq!(second, first + 1);
}

#[test]
fn sleepers_wake_in_the_order_of_their_deadlines() {
    let engine = fresh();
    for ms in [6u64, 2, 4] {
        go(move || {
            assert_eq!(coroutine::sleep(Duration::from_millis(ms)), Wake::Timeout);
            note(ms.to_string());
        });
    }
    let start = Instant::now();
    engine.run().unwrap();
    assert_eq!(log(), ["2", "4", "6"]);
    assert!(start.elapsed() >= Duration::from_millis(6));
}

#[test]
fn a_channel_hands_over_in_order_and_wakes_at_once() {
    let engine = fresh();
    let channel = std::rc::Rc::new(Channel::new(1));
    let popper = std::rc::Rc::clone(&channel);
    go(move || {
        for _ in 0..3 {
            note(format!("popped {}", popper.pop(None).unwrap()));
        }
    });
    go(move || {
        for n in 0..3 {
            channel.push(n, None).unwrap();
            note(format!("pushed {n}"));
        }
    });
    engine.run().unwrap();
    assert_eq!(log(), ["popped 0", "pushed 0", "popped 1", "pushed 1", "popped 2", "pushed 2"]);
}

#[test]
fn a_channel_tells_timeout_cancel_and_close_apart() {
    let engine = fresh();
    let channel: std::rc::Rc<Channel<u32>> = std::rc::Rc::new(Channel::new(1));
    let one = std::rc::Rc::clone(&channel);
    go(move || assert_eq!(one.pop(Some(Duration::from_millis(1))), Err(ChannelError::Timeout)));
    let two = std::rc::Rc::clone(&channel);
    let id = go(move || assert_eq!(two.pop(None), Err(ChannelError::Canceled)));
    let three = std::rc::Rc::clone(&channel);
    go(move || assert_eq!(three.pop(None), Err(ChannelError::Closed)));
    assert!(engine.cancel(id, false).unwrap());
    engine.turn(Some(Duration::from_millis(50))).unwrap();
    engine.turn(Some(Duration::from_millis(50))).unwrap();
    assert!(channel.close());
    assert_eq!((channel.consumers(), engine.live()), (0, 0));
    assert!(!channel.close(), "closed already");
    assert!(matches!(channel.push(1, None), Err((ChannelError::Closed, 1))));
}

#[test]
fn pool_work_suspends_and_comes_back_with_its_value() {
    let engine = fresh();
    go(|| {
        note("before");
        assert_eq!(coroutine::blocking(|| 6 * 7), Some(42));
        note("after");
    });
    note("main");
    engine.run().unwrap();
    assert_eq!(log(), ["before", "main", "after"]);
}

#[test]
fn a_future_that_timed_out_wakes_nobody_later() {
    let engine = fresh();
    go(|| {
        let never = std::future::pending::<()>();
        assert_eq!(coroutine::await_future(never, Some(Duration::from_millis(2))), Err(Wake::Timeout));
        assert_eq!(coroutine::sleep(Duration::from_millis(20)), Wake::Timeout);
        assert_eq!(coroutine::await_future(async { 5 }, None), Ok(5));
    });
    engine.run().unwrap();
    assert_eq!(engine.live(), 0);
}

#[test]
fn the_limit_is_kept() {
    let engine = fresh();
    engine.set_limit(2);
    let ids = [
        go(|| {
            let _ = engine_here().suspend(Task::Yield);
        }),
        go(|| {
            engine_here().suspend(Task::Yield);
        }),
    ];
    unsafe fn nothing(_co: &Co, _argument: *mut u8) -> Outcome {
        Outcome::Done
    }
    // SAFETY: the body takes no argument.
    let third = unsafe { engine.spawn(nothing, std::ptr::null_mut()) };
    assert!(matches!(third, Err(SpawnError::Limit(2))));
    for id in ids {
        engine.resume_yielding(id).unwrap();
    }
    assert_eq!((engine.live(), engine.peak()), (0, 2));
}

#[test]
fn an_abort_ends_everything_and_forgets_the_suspended() {
    let engine = fresh();
    go(|| {
        engine_here().suspend(Task::Yield);
        unreachable!("never resumed after an abort");
    });
    unsafe fn abort(_co: &Co, _argument: *mut u8) -> Outcome {
        Outcome::Abort
    }
    // SAFETY: the body takes no argument.
    assert!(matches!(unsafe { engine.spawn(abort, std::ptr::null_mut()) }, Err(SpawnError::Aborted(_))));
    assert!(engine.is_aborted());
    assert!(engine.run().is_err());
    engine.forget_all();
    assert_eq!(engine.ids(), Vec::<i64>::new());
}

#[test]
fn a_hundred_thousand_live_coroutines_are_found_by_id() {
    let engine = fresh();
    let keeper = go(|| {
        let _ = engine_here().suspend(Task::Yield);
    });
    engine.set_limit(200_000);
    let ids: Vec<i64> = (0..100_000)
        .map(|_| {
            go(|| {
                let _ = engine_here().suspend(Task::Yield);
            })
        })
        .collect();
    assert_eq!(engine.live(), 100_001);
    for id in &ids {
        assert!(engine.resume_yielding(*id).unwrap());
    }
    assert_eq!(engine.ids(), [keeper]);
    assert!(engine.resume_yielding(keeper).unwrap());
}

#[test]
fn a_closed_fd_wakes_its_waiter() {
    let engine = fresh();
    let mut fds = [0; 2];
    // SAFETY: room for two fds.
    assert_eq!(unsafe { libc::pipe2(fds.as_mut_ptr(), libc::O_NONBLOCK) }, 0);
    go(move || {
        let outcome = coroutine::wait_fd(fds[0], reactor::Interest::READ, None);
        note(format!("{outcome:?}"));
    });
    engine.closing(fds[0]);
    // SAFETY: our own fds.
    unsafe {
        libc::close(fds[0]);
        libc::close(fds[1]);
    }
    assert_eq!(log(), ["Closed"]);
}
