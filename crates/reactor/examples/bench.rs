//! What the loop costs: `cargo run --release -p swoole-reactor --example bench`.

use std::cell::Cell;
use std::os::fd::{AsRawFd, RawFd};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use reactor::{Interest, Reactor, Readiness, Sink};

#[derive(Default)]
struct Count(Cell<u64>);

impl Count {
    fn one(&self) {
        self.0.set(self.0.get() + 1);
    }
}

impl Sink for Count {
    fn ready(&self, _: u64, _: RawFd, _: Readiness) {
        self.one();
    }
    fn source_ready(&self, _: u64, _: RawFd, _: Readiness) {
        self.one();
    }
    fn closed(&self, _: u64, _: RawFd) {}
    fn timer(&self, _: u64) {
        self.one();
    }
    fn posted(&self, _: u64) {
        self.one();
    }
    fn woken(&self, _: u64) {
        self.one();
    }
    fn signal(&self, _: i32, _: &libc::signalfd_siginfo) {}
}

fn report(what: &str, n: u64, start: Instant) {
    let took = start.elapsed();
    println!("{what:44} {:9.1} ns  {:7.2} M/s", took.as_nanos() as f64 / n as f64, n as f64 / took.as_secs_f64() / 1e6);
}

fn main() -> std::io::Result<()> {
    let reactor = Reactor::new()?;
    let sink = Count::default();

    let base = Instant::now() + Duration::from_secs(600);
    let mut random = 88172645463325252u64;
    let mut next = move || {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        random
    };
    let mut live: Vec<_> =
        (0..100_000).map(|n| reactor.add_timer(base + Duration::from_micros(next() % 10_000_000), n)).collect();
    const N: u64 = 5_000_000;
    let start = Instant::now();
    for n in 0..N {
        let id = reactor.add_timer(base + Duration::from_nanos(n), n);
        reactor.cancel_timer(id);
    }
    report("timer add + cancel at once, 100k live", N, start);
    let start = Instant::now();
    for n in 0..N {
        let at = (n * 7919 % 100_000) as usize;
        let fresh = reactor.add_timer(base + Duration::from_secs(10) + Duration::from_nanos(n), n);
        reactor.cancel_timer(std::mem::replace(&mut live[at], fresh));
    }
    report("timer replaced, rising deadlines, 100k live", N, start);
    let start = Instant::now();
    for n in 0..N {
        let at = (n * 7919 % 100_000) as usize;
        let fresh = reactor.add_timer(base + Duration::from_nanos(next() % 10_000_000_000), n);
        reactor.cancel_timer(std::mem::replace(&mut live[at], fresh));
    }
    report("timer replaced, random deadlines, 100k live", N, start);
    for id in live {
        reactor.cancel_timer(id);
    }
    let past = Instant::now();
    let start = Instant::now();
    for n in 0..100_000 {
        reactor.add_timer(past, n);
    }
    reactor.turn(Some(Duration::ZERO), &sink)?;
    report("timer added and fired", 100_000, start);

    let start = Instant::now();
    for _ in 0..1000 {
        (0..1000).for_each(|n| reactor.post(n));
        reactor.turn(None, &sink)?;
    }
    report("posted token (1000 a turn)", 1_000_000, start);
    let start = Instant::now();
    for n in 0..300_000 {
        reactor.post(n);
        reactor.turn(None, &sink)?;
    }
    report("turn with one posted token", 300_000, start);

    let (near, _far) = UnixStream::pair()?;
    let fd = near.as_raw_fd();
    let start = Instant::now();
    for _ in 0..500_000 {
        reactor.wait(fd, Interest::WRITE, 1).map_err(std::io::Error::other)?;
        reactor.turn(None, &sink)?;
    }
    report("one-shot wait + turn", 500_000, start);
    reactor.add(fd, Interest::WRITE, 1).map_err(std::io::Error::other)?;
    let start = Instant::now();
    for _ in 0..500_000 {
        reactor.turn(None, &sink)?;
    }
    report("source + turn", 500_000, start);
    reactor.remove(fd)?;

    let waker = reactor.waker();
    let start = Instant::now();
    for n in 0..500_000 {
        waker.wake(n);
        reactor.turn(None, &sink)?;
    }
    report("wake + turn, same thread", 500_000, start);
    let start = Instant::now();
    for n in 0..20_000 {
        drop(reactor::Background::current().run_blocking(&waker, n, || ()));
        let before = sink.0.get();
        while sink.0.get() == before {
            reactor.turn(None, &sink)?;
        }
    }
    report("pool round trip", 20_000, start);
    let start = Instant::now();
    for _ in 0..500 {
        reactor.add_timer(Instant::now() + Duration::from_millis(1), 1);
        let before = sink.0.get();
        while sink.0.get() == before {
            reactor.turn(None, &sink)?;
        }
    }
    report("sleep of 1 ms", 500, start);
    Ok(())
}
