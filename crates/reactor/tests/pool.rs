//! One test: the pool is the process's, and this one ends it.
mod common;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::time::{Duration, Instant};

use common::{Recorder, Seen};
use reactor::pool::{Lost, PoolSettings};
use reactor::{Background, Reactor};

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(30)
}

fn until(done: impl Fn() -> bool) {
    let give_up = soon();
    while !done() {
        assert!(Instant::now() < give_up, "never came");
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn mask_is_full() -> bool {
    // SAFETY: a zeroed set is a valid out-argument; a null new set changes nothing.
    unsafe {
        let mut set = std::mem::zeroed();
        libc::pthread_sigmask(libc::SIG_BLOCK, std::ptr::null(), &mut set);
        [libc::SIGTERM, libc::SIGUSR1, libc::SIGCHLD, libc::SIGRTMIN()].iter().all(|signo| libc::sigismember(&set, *signo) == 1)
    }
}

#[test]
fn the_background_does_its_work_and_ends() {
    let (reactor, sink) = (Reactor::new().unwrap(), Recorder::default());
    let waker = reactor.waker();
    assert!(!Background::started());
    let background = Background::current();
    assert!(std::ptr::eq(background, Background::current()));
    assert!(!Background::started() && background.threads() == 0);

    // A value comes back, from a thread that takes no signals; this thread's mask is as it was.
    let ticket = background.run_blocking(&waker, 1, || (41 + 1, mask_is_full()));
    assert_eq!(sink.turn(&reactor), [Seen::Woken(1)]);
    assert_eq!(ticket.take(), Some(Ok((42, true))));
    assert_eq!(ticket.take(), None);
    assert!(Background::started() && !mask_is_full());

    // A panic loses the value, not the thread.
    let ticket = background.run_blocking::<()>(&waker, 2, || std::panic::resume_unwind(Box::new(())));
    assert_eq!(sink.turn(&reactor), [Seen::Woken(2)]);
    assert_eq!(ticket.take(), Some(Err(Lost)));

    // Jobs run side by side, up to the maximum; the rest queue, and can be cancelled there.
    background.configure(PoolSettings { min_threads: 1, max_threads: 3, idle: Duration::from_millis(20) });
    let gate = Arc::new(Barrier::new(4));
    let held: Vec<_> = (0..3)
        .map(|_| {
            let gate = Arc::clone(&gate);
            background.run_blocking(&waker, 3, move || {
                gate.wait();
            })
        })
        .collect();
    let late = background.run_blocking(&waker, 3, || ());
    until(|| background.threads() == 3 && background.queued() == 1);
    assert_eq!(background.outstanding(), 4);
    assert!(!background.drain(Instant::now() + Duration::from_millis(20)));
    late.cancel();
    gate.wait();
    assert!(background.drain(soon()));
    assert_eq!(background.outstanding(), 0);
    let mut woken = 0;
    while woken < 4 {
        woken += sink.turn(&reactor).len();
    }
    assert!(held.iter().all(|ticket| ticket.take() == Some(Ok(()))));
    assert_eq!(late.take(), Some(Err(Lost)));
    until(|| background.threads() == 1);

    // Many small jobs, none lost.
    let count = Arc::new(AtomicUsize::new(0));
    for _ in 0..5000 {
        let count = Arc::clone(&count);
        background.spawn_blocking(move || {
            count.fetch_add(1, Ordering::Relaxed);
        });
    }
    assert!(background.drain(soon()));
    assert_eq!(count.load(Ordering::Relaxed), 5000);

    // Futures: timers and sockets of the runtime work, also with the async crates' own spawn.
    let ticket = background
        .run(&waker, 4, async {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
            let address = listener.local_addr()?;
            let accepted = tokio::spawn(async move { listener.accept().await.map(|_| ()) });
            tokio::net::TcpStream::connect(address).await?;
            tokio::time::sleep(Duration::from_millis(1)).await;
            accepted.await.map_err(std::io::Error::other)??;
            Ok::<_, std::io::Error>(mask_is_full())
        })
        .unwrap();
    assert_eq!(sink.turn(&reactor), [Seen::Woken(4)]);
    assert!(matches!(ticket.take(), Some(Ok(Ok(true)))));

    // A cancelled future wakes too.
    let ticket = background.run(&waker, 5, std::future::pending::<()>()).unwrap();
    assert_eq!(background.futures(), 1);
    assert_eq!(sink.poll(&reactor), []);
    ticket.cancel();
    assert_eq!(sink.turn(&reactor), [Seen::Woken(5)]);
    assert_eq!(ticket.take(), Some(Err(Lost)));
    until(|| background.futures() == 0);

    // A child starts its own; the parent's go on.
    // SAFETY: the child runs this crate's code only and leaves by _exit.
    let child = unsafe { libc::fork() };
    assert!(child >= 0);
    if child == 0 {
        reactor.forget();
        Background::forget();
        let mut code = i32::from(Background::started());
        if let Ok(own) = Reactor::new() {
            let ticket = Background::current().run_blocking(&own.waker(), 1, || 5);
            code |= i32::from(sink.turn(&own) != [Seen::Woken(1)]) << 1;
            code |= i32::from(ticket.take() != Some(Ok(5))) << 2;
            code |= i32::from(!Background::shutdown(soon())) << 3;
        } else {
            code |= 16;
        }
        // SAFETY: ends the child without the test harness's own exit work.
        unsafe { libc::_exit(code) };
    }
    let mut status = 0;
    // SAFETY: `status` outlives the call; the child is ours.
    assert_eq!(unsafe { libc::waitpid(child, &mut status, 0) }, child);
    assert!(libc::WIFEXITED(status) && libc::WEXITSTATUS(status) == 0, "{status:#x}");

    // The end: queued work is done, a future that never ends is dropped, and every thread is gone.
    let ticket = background.run_blocking(&waker, 6, || std::thread::sleep(Duration::from_millis(10)));
    let pending = background.run(&waker, 7, std::future::pending::<()>()).unwrap();
    assert!(Background::shutdown(soon()));
    assert_eq!((ticket.take(), pending.take()), (Some(Ok(())), Some(Err(Lost))));
    assert!(!Background::started() && Background::shutdown(soon()));
    // The harness's main thread and this test's. A joined thread stays listed until the kernel is done with it.
    until(|| std::fs::read_dir("/proc/self/task").unwrap().count() == 2);

    // And a new one can begin.
    let ticket = Background::current().run_blocking(&waker, 8, || 1);
    until(|| sink.turn(&reactor).contains(&Seen::Woken(8)));
    assert_eq!(ticket.take(), Some(Ok(1)));
    assert!(Background::shutdown(soon()));
}
