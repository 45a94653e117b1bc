//! What each shim does to its caller, with an engine that only writes down.

mod support;

use std::ffi::CString;
use std::os::fd::AsRawFd;
use std::time::{Duration, Instant};

use runtime::{HookFlags, Wait};
use support::*;

fn fixture(name: &str) -> (Fixture, Hooked) {
    // One test at a time from here: a wait for any child must not find another test's compiler.
    let guard = hooked(HookFlags::NONE);
    let fx = Fixture::open(&build(name, &[]));
    runtime::set_flags(HookFlags::ALL);
    (fx, guard)
}

fn recv(fx: &Fixture, fd: i32, buf: &mut [u8], flags: i32) -> isize {
    call!(fx, c"fx_recv" => (i32, *mut u8, usize, i32) -> isize; fd, buf.as_mut_ptr(), buf.len(), flags)
}

fn timeval(option: i32, fd: i32, ms: i64) {
    let tv = libc::timeval { tv_sec: 0, tv_usec: ms * 1000 };
    let r = unsafe { libc::setsockopt(fd, libc::SOL_SOCKET, option, (&raw const tv).cast(), size_of_val(&tv) as _) };
    assert_eq!(r, 0);
}

fn nonblocking(fd: i32) {
    unsafe { libc::fcntl(fd, libc::F_SETFL, libc::O_NONBLOCK) };
}

#[test]
fn recv_waits_only_if_it_must() {
    let (fx, _h) = fixture("lib1.so");
    let (a, b) = pair();
    let mut buf = [0u8; 8];
    put(b, b"abc");
    inside(|| assert_eq!(recv(&fx, a, &mut buf, 0), 3));
    assert!(log().is_empty());
    then(move || {
        put(b, b"de");
        None
    });
    inside(|| assert_eq!(recv(&fx, a, &mut buf, 0), 2));
    assert_eq!(log(), ["wait Read"]);
}

#[test]
fn the_callers_wish_not_to_block_is_kept() {
    let (fx, _h) = fixture("lib2.so");
    let (a, _b) = pair();
    let mut buf = [0u8; 8];
    inside(|| assert_eq!((recv(&fx, a, &mut buf, libc::MSG_DONTWAIT), errno()), (-1, libc::EAGAIN)));
    nonblocking(a);
    inside(|| assert_eq!((recv(&fx, a, &mut buf, 0), errno()), (-1, libc::EAGAIN)));
    assert!(log().is_empty());
}

#[test]
fn so_rcvtimeo_ends_the_wait() {
    let (fx, _h) = fixture("lib3.so");
    let (a, _b) = pair();
    timeval(libc::SO_RCVTIMEO, a, 30);
    let mut buf = [0u8; 8];
    let begin = Instant::now();
    inside(|| assert_eq!((recv(&fx, a, &mut buf, 0), errno()), (-1, libc::EAGAIN)));
    assert!(begin.elapsed() >= Duration::from_millis(30));
    assert_eq!(log(), ["wait Read"]);
}

#[test]
fn cancel_and_close_have_their_errnos() {
    let (fx, _h) = fixture("lib4.so");
    let (a, _b) = pair();
    let mut buf = [0u8; 8];
    for (end, code) in [(Wait::Canceled, libc::ECANCELED), (Wait::Closed, libc::EBADF), (Wait::Denied, libc::EBUSY)] {
        then(move || Some(end));
        inside(|| assert_eq!((recv(&fx, a, &mut buf, 0), errno()), (-1, code)));
    }
}

#[test]
fn two_readers_of_one_fd_take_turns() {
    let (fx, _h) = fixture("lib5.so");
    let (a, b) = pair();
    let mut buf = [0u8; 8];
    then(|| Some(Wait::Busy));
    then(move || {
        put(b, b"z");
        None
    });
    inside(|| assert_eq!(recv(&fx, a, &mut buf, 0), 1));
    assert_eq!(log(), ["wait Read", "sleep"]);
}

#[test]
fn waitall_waits_for_all() {
    let (fx, _h) = fixture("lib6.so");
    let (a, b) = pair();
    put(b, b"12");
    then(move || {
        put(b, b"34");
        None
    });
    then(move || {
        put(b, b"56");
        None
    });
    let mut buf = [0u8; 6];
    inside(|| assert_eq!(recv(&fx, a, &mut buf, libc::MSG_WAITALL), 6));
    assert_eq!(&buf, b"123456");
    // Peeking takes nothing.
    put(b, b"ab");
    then(move || {
        put(b, b"cd");
        None
    });
    let mut buf = [0u8; 4];
    inside(|| assert_eq!(recv(&fx, a, &mut buf, libc::MSG_WAITALL | libc::MSG_PEEK), 4));
    inside(|| assert_eq!(recv(&fx, a, &mut buf, 0), 4));
    assert_eq!(&buf, b"abcd");
}

#[test]
fn a_blocking_send_goes_on_to_the_last_byte() {
    let (fx, _h) = fixture("lib7.so");
    let (a, b) = pair();
    let data = vec![7u8; 4 << 20];
    let reader = std::thread::spawn(move || {
        let (mut got, mut buf) = (0, vec![0u8; 65536]);
        while got < 4 << 20 {
            let r = unsafe { libc::read(b, buf.as_mut_ptr().cast(), buf.len()) };
            assert!(r > 0 && buf[..r as usize].iter().all(|x| *x == 7));
            got += r as usize;
        }
    });
    let sent = inside(|| call!(fx, c"fx_send" => (i32, *const u8, usize, i32) -> isize; a, data.as_ptr(), data.len(), 0));
    assert_eq!(sent, 4 << 20);
    reader.join().unwrap();
    assert!(log().iter().all(|l| l == "wait Write"));
    // A socket that wants no blocking sends what fits.
    nonblocking(a);
    let sent = inside(|| call!(fx, c"fx_write" => (i32, *const u8, usize) -> isize; a, data.as_ptr(), data.len()));
    assert!(sent > 0 && sent < 4 << 20);
    // A time-out in the middle: what is through counts.
    let (c, _d) = pair();
    timeval(libc::SO_SNDTIMEO, c, 20);
    let sent = inside(|| call!(fx, c"fx_send" => (i32, *const u8, usize, i32) -> isize; c, data.as_ptr(), data.len(), 0));
    assert!(sent > 0 && sent < 4 << 20);
}

#[test]
fn vectors_on_sockets_and_pipes() {
    let (fx, _h) = fixture("lib8.so");
    for (r, w) in [pair(), pipe()] {
        let (x, y) = (b"hello ".to_vec(), b"world".to_vec());
        let iov = [
            libc::iovec { iov_base: x.as_ptr() as *mut _, iov_len: 6 },
            libc::iovec { iov_base: y.as_ptr() as *mut _, iov_len: 5 },
        ];
        let n = inside(|| call!(fx, c"fx_writev" => (i32, *const libc::iovec, i32) -> isize; w, iov.as_ptr(), 2));
        assert_eq!(n, 11);
        let (mut p, mut q) = ([0u8; 4], [0u8; 20]);
        let iov = [
            libc::iovec { iov_base: p.as_mut_ptr().cast(), iov_len: 4 },
            libc::iovec { iov_base: q.as_mut_ptr().cast(), iov_len: 20 },
        ];
        let n = inside(|| call!(fx, c"fx_readv" => (i32, *const libc::iovec, i32) -> isize; r, iov.as_ptr(), 2));
        assert_eq!((n, &p, &q[..7]), (11, b"hell", &b"o world"[..]));
        then(move || {
            put(w, b"more");
            None
        });
        log();
        let n = inside(|| call!(fx, c"fx_readv" => (i32, *const libc::iovec, i32) -> isize; r, iov.as_ptr(), 2));
        assert_eq!((n, log()), (4, vec!["wait Read".to_string()]));
    }
}

#[test]
fn pipes_wait_both_ways() {
    let (fx, _h) = fixture("lib9.so");
    let (r, w) = pipe();
    then(move || {
        put(w, b"p");
        None
    });
    let mut buf = [0u8; 4];
    let n = inside(|| call!(fx, c"fx_read" => (i32, *mut u8, usize) -> isize; r, buf.as_mut_ptr(), 4));
    assert_eq!((n, log()), (1, vec!["wait Read".to_string()]));
    let data = vec![3u8; 300_000];
    let reader = std::thread::spawn(move || {
        let (mut got, mut buf) = (0, vec![0u8; 9000]);
        while got < 300_000 {
            got += unsafe { libc::read(r, buf.as_mut_ptr().cast(), buf.len()) } as usize;
        }
        got
    });
    let n = inside(|| call!(fx, c"fx_write" => (i32, *const u8, usize) -> isize; w, data.as_ptr(), data.len()));
    assert_eq!((n, reader.join().unwrap()), (300_000, 300_000));
}

#[test]
fn accept_and_connect() {
    let (fx, _h) = fixture("lib10.so");
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = listener.local_addr().unwrap();
    then(move || {
        std::thread::spawn(move || {
            let s = std::net::TcpStream::connect(addr).unwrap();
            std::thread::sleep(Duration::from_millis(50));
            drop(s);
        });
        None
    });
    let fd = inside(|| call!(fx, c"fx_accept" => (i32) -> i32; listener.as_raw_fd()));
    assert!(fd >= 0);
    assert_eq!(log(), ["wait Read"]);

    let connect = |port: u16| {
        let fd = unsafe { libc::socket(libc::AF_INET, libc::SOCK_STREAM, 0) };
        let mut sa: libc::sockaddr_in = unsafe { std::mem::zeroed() };
        sa.sin_family = libc::AF_INET as _;
        sa.sin_port = port.to_be();
        sa.sin_addr.s_addr = u32::from_ne_bytes([127, 0, 0, 1]);
        let r = inside(|| call!(fx, c"fx_connect" => (i32, *const libc::sockaddr_in, u32) -> i32; fd, &sa, 16));
        let code = errno();
        let flags = unsafe { libc::fcntl(fd, libc::F_GETFL) };
        assert_eq!(flags & libc::O_NONBLOCK, 0, "the socket is as it was");
        (r, code)
    };
    assert_eq!(connect(addr.port()).0, 0);
    drop(listener);
    assert_eq!(connect(addr.port()), (-1, libc::ECONNREFUSED));
}

#[test]
fn poll_select_epoll() {
    let (fx, _h) = fixture("lib11.so");
    let (a, b) = pair();
    let poll = |timeout| {
        let mut p = libc::pollfd { fd: a, events: libc::POLLIN, revents: 0 };
        let r = inside(|| call!(fx, c"fx_poll" => (*mut libc::pollfd, u64, i32) -> i32; &mut p, 1, timeout));
        (r, p.revents)
    };
    assert_eq!(poll(0), (0, 0));
    assert!(log().is_empty());
    let begin = Instant::now();
    assert_eq!(poll(20), (0, 0));
    assert!(begin.elapsed() >= Duration::from_millis(20));
    assert_eq!(log(), ["wait 1 fds"]);
    then(|| Some(Wait::Canceled));
    assert_eq!((poll(-1).0, errno()), (-1, libc::ECANCELED));
    then(move || {
        put(b, b"1");
        None
    });
    assert_eq!(poll(-1), (1, libc::POLLIN));
    log();
    // A sleep spelled poll(NULL, 0, ms).
    let r = inside(|| call!(fx, c"fx_poll" => (*mut libc::pollfd, u64, i32) -> i32; std::ptr::null_mut(), 0, 5));
    assert_eq!((r, log()), (0, vec!["sleep".to_string()]));

    let mut byte = 0u8;
    inside(|| assert_eq!(recv(&fx, a, std::slice::from_mut(&mut byte), 0), 1));
    then(move || {
        put(b, b"2");
        None
    });
    let mut set: libc::fd_set = unsafe { std::mem::zeroed() };
    unsafe { libc::FD_SET(a, &mut set) };
    let mut tv = libc::timeval { tv_sec: 2, tv_usec: 0 };
    let null = std::ptr::null_mut::<libc::fd_set>();
    let r = inside(|| {
        call!(fx, c"fx_select" => (i32, *mut libc::fd_set, *mut libc::fd_set, *mut libc::fd_set, *mut libc::timeval) -> i32;
            a + 1, &mut set, null, null, &mut tv)
    });
    assert_eq!((r, unsafe { libc::FD_ISSET(a, &set) }), (1, true));
    assert!(tv.tv_sec < 2, "what is left of the time");
    inside(|| assert_eq!(recv(&fx, a, std::slice::from_mut(&mut byte), 0), 1));
    let mut tv = libc::timeval { tv_sec: 0, tv_usec: 10_000 };
    let r = inside(|| {
        call!(fx, c"fx_select" => (i32, *mut libc::fd_set, *mut libc::fd_set, *mut libc::fd_set, *mut libc::timeval) -> i32;
            a + 1, &mut set, null, null, &mut tv)
    });
    assert_eq!((r, unsafe { libc::FD_ISSET(a, &set) }), (0, false));

    let ep = unsafe { libc::epoll_create1(0) };
    let mut ev = libc::epoll_event { events: libc::EPOLLIN as u32, u64: 5 };
    unsafe { libc::epoll_ctl(ep, libc::EPOLL_CTL_ADD, a, &mut ev) };
    then(move || {
        put(b, b"3");
        None
    });
    log();
    let mut out = libc::epoll_event { events: 0, u64: 0 };
    let r = inside(|| call!(fx, c"fx_epoll_wait" => (i32, *mut libc::epoll_event, i32, i32) -> i32; ep, &mut out, 1, 1000));
    assert_eq!((r, { out.u64 }, log()), (1, 5, vec!["wait Read".to_string()]));
}

#[test]
fn sleeps_are_never_short() {
    let (fx, _h) = fixture("lib12.so");
    let ts = libc::timespec { tv_sec: 0, tv_nsec: 3_000_000 };
    let mut left = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    let begin = Instant::now();
    inside(|| assert_eq!(call!(fx, c"fx_nanosleep" => (*const libc::timespec, *mut libc::timespec) -> i32; &ts, &mut left), 0));
    assert!(begin.elapsed() >= Duration::from_millis(3));
    then(|| Some(Wait::Canceled));
    inside(|| assert_eq!(call!(fx, c"fx_nanosleep" => (*const libc::timespec, *mut libc::timespec) -> i32; &ts, &mut left), -1));
    assert_eq!(errno(), libc::EINTR);
    assert!(left.tv_nsec > 0);
    then(|| Some(Wait::Canceled));
    inside(|| assert_eq!(call!(fx, c"fx_sleep" => (u32) -> u32; 5), 5));
    let bad = libc::timespec { tv_sec: 0, tv_nsec: -1 };
    inside(|| assert_eq!(call!(fx, c"fx_nanosleep" => (*const libc::timespec, *mut libc::timespec) -> i32; &bad, &mut left), -1));
    assert_eq!(errno(), libc::EINVAL);
    let mut at = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &mut at) };
    at.tv_sec += i64::from(at.tv_nsec > 990_000_000);
    at.tv_nsec = (at.tv_nsec + 9_000_000) % 1_000_000_000;
    log();
    inside(|| {
        assert_eq!(
            call!(fx, c"fx_clock_nanosleep" => (i32, i32, *const libc::timespec) -> i32; libc::CLOCK_MONOTONIC, libc::TIMER_ABSTIME, &at),
            0
        )
    });
    assert_eq!(log(), ["sleep"]);
}

#[test]
fn files_use_the_page_cache_in_place_and_the_pool_for_the_rest() {
    let (fx, _h) = fixture("lib13.so");
    let name = path("file");
    let c = CString::new(name.to_str().unwrap()).unwrap();
    let fd = inside(
        || call!(fx, c"fx_open" => (*const i8, i32, i32) -> i32; c.as_ptr(), libc::O_CREAT | libc::O_RDWR | libc::O_TRUNC, 0o600),
    );
    assert!(fd >= 0);
    log();
    let w = inside(|| call!(fx, c"fx_write" => (i32, *const u8, usize) -> isize; fd, b"0123456789".as_ptr(), 10));
    assert_eq!((w, log().len()), (10, 0));
    let big = vec![b'b'; 600 << 10];
    let w = inside(|| call!(fx, c"fx_write" => (i32, *const u8, usize) -> isize; fd, big.as_ptr(), big.len()));
    assert_eq!((w, log()), (600 << 10, vec!["pool".to_string()]));
    let mut buf = vec![0u8; 1 << 20];
    let r = inside(|| call!(fx, c"fx_pread" => (i32, *mut u8, usize, i64) -> isize; fd, buf.as_mut_ptr(), buf.len(), 5));
    assert_eq!(r, 5 + (600 << 10));
    assert!(buf.starts_with(b"56789bbb"));
    // The position is the file's own.
    unsafe { libc::lseek(fd, 2, libc::SEEK_SET) };
    log();
    let r = inside(|| call!(fx, c"fx_read" => (i32, *mut u8, usize) -> isize; fd, buf.as_mut_ptr(), 4));
    assert_eq!((r, &buf[..4], log().len()), (4, &b"2345"[..], 0));
    assert_eq!(unsafe { libc::lseek(fd, 0, libc::SEEK_CUR) }, 6);
    inside(|| assert_eq!(call!(fx, c"fx_fsync" => (i32) -> i32; fd), 0));
    assert_eq!(log(), ["pool"]);
    let mut st: libc::stat = unsafe { std::mem::zeroed() };
    inside(|| assert_eq!(call!(fx, c"fx_stat" => (*const i8, *mut libc::stat) -> i32; c.as_ptr(), &mut st), 0));
    assert_eq!(st.st_size, 10 + (600 << 10));
    // Out of the page cache: the disk has it, so the pool does.
    unsafe {
        libc::fsync(fd);
        libc::posix_fadvise(fd, 0, 0, libc::POSIX_FADV_DONTNEED);
        libc::lseek(fd, 0, libc::SEEK_SET);
    }
    log();
    let r = inside(|| call!(fx, c"fx_read" => (i32, *mut u8, usize) -> isize; fd, buf.as_mut_ptr(), buf.len()));
    assert_eq!(r, 10 + (600 << 10));
    assert!(buf.starts_with(b"0123456789bb"));
    inside(|| assert_eq!(call!(fx, c"fx_unlink" => (*const i8) -> i32; c.as_ptr()), 0));
    inside(|| assert_eq!(call!(fx, c"fx_unlink" => (*const i8) -> i32; c.as_ptr()), -1));
    assert_eq!(errno(), libc::ENOENT);
    inside(|| assert_eq!(call!(fx, c"fx_open" => (*const i8, i32, i32) -> i32; c.as_ptr(), 0, 0), -1));
    assert_eq!(errno(), libc::ENOENT);
    inside(|| assert_eq!(call!(fx, c"fx_stat" => (*const i8, *mut libc::stat) -> i32; c.as_ptr(), &mut st), -1));
    assert_eq!(errno(), libc::ENOENT);
}

#[test]
fn what_is_printed_does_not_suspend() {
    let (fx, _h) = fixture("lib14.so");
    let r = inside(|| call!(fx, c"fx_write" => (i32, *const u8, usize) -> isize; 2, b"\n".as_ptr(), 1));
    assert_eq!(r, 1);
    assert!(log().is_empty());
}

#[test]
fn a_contended_flock_waits() {
    let (fx, _h) = fixture("lib15.so");
    let name = path("lock");
    let (a, b) = (std::fs::File::create(&name).unwrap(), std::fs::File::create(&name).unwrap());
    assert_eq!(unsafe { libc::flock(a.as_raw_fd(), libc::LOCK_EX) }, 0);
    inside(|| assert_eq!(call!(fx, c"fx_flock" => (i32, i32) -> i32; b.as_raw_fd(), libc::LOCK_EX | libc::LOCK_NB), -1));
    assert_eq!(errno(), libc::EAGAIN);
    then(|| None);
    let held = a.as_raw_fd();
    then(move || {
        unsafe { libc::flock(held, libc::LOCK_UN) };
        None
    });
    inside(|| assert_eq!(call!(fx, c"fx_flock" => (i32, i32) -> i32; b.as_raw_fd(), libc::LOCK_EX), 0));
    assert_eq!(log(), ["sleep", "sleep"]);
}

#[test]
fn children() {
    let (fx, _h) = fixture("lib16.so");
    let child = |code: &str| std::process::Command::new("sh").args(["-c", code]).spawn().unwrap().id() as i32;
    let pid = child("sleep 0.1; exit 3");
    let mut status = 0;
    let r = inside(|| call!(fx, c"fx_waitpid" => (i32, *mut i32, i32) -> i32; pid, &mut status, 0));
    assert_eq!((r, libc::WEXITSTATUS(status)), (pid, 3));
    assert_eq!(log()[0], "wait Read");
    let pid = child("sleep 0.1; exit 4");
    let r = inside(|| call!(fx, c"fx_waitpid" => (i32, *mut i32, i32) -> i32; -1, &mut status, 0));
    assert_eq!((r, libc::WEXITSTATUS(status)), (pid, 4));
    assert!(log().iter().all(|l| l == "sleep"));
    let r = inside(|| call!(fx, c"fx_waitpid" => (i32, *mut i32, i32) -> i32; -1, &mut status, 0));
    assert_eq!((r, errno()), (-1, libc::ECHILD));
    let r = inside(|| call!(fx, c"fx_system" => (*const i8) -> i32; c"exit 5".as_ptr()));
    assert_eq!((libc::WEXITSTATUS(r), log()), (5, vec!["pool".to_string()]));
    let f = inside(|| call!(fx, c"fx_popen" => (*const i8) -> *mut libc::FILE; c"exit 6".as_ptr()));
    let r = inside(|| call!(fx, c"fx_pclose" => (*mut libc::FILE) -> i32; f));
    assert_eq!(libc::WEXITSTATUS(r), 6);
}

#[test]
fn names() {
    let (fx, _h) = fixture("lib17.so");
    let mut list = std::ptr::null_mut::<libc::addrinfo>();
    let lookup = |name: &std::ffi::CStr, list: &mut *mut libc::addrinfo| {
        inside(|| {
            call!(fx, c"fx_getaddrinfo" => (*const i8, *const i8, *const libc::addrinfo, *mut *mut libc::addrinfo) -> i32;
                name.as_ptr(), std::ptr::null(), std::ptr::null(), list)
        })
    };
    runtime::keep_names(0);
    assert_eq!(lookup(c"127.0.0.1", &mut list), 0);
    assert!(log().is_empty() && !list.is_null());
    assert_eq!(lookup(c"localhost", &mut list), 0);
    assert_eq!(log(), ["pool"]);
    assert!(!list.is_null());
    unsafe { libc::freeaddrinfo(list) };

    // A hostent that another call takes over meanwhile: the answer lies elsewhere.
    let mut host: libc::hostent = unsafe { std::mem::zeroed() };
    let mut buf = vec![0 as libc::c_char; 1024];
    let mut result = std::ptr::null_mut();
    let mut code = 0;
    let symbol = fx.symbol(c"fx_gethostbyname_r") as usize;
    let at = &raw mut host as usize;
    then(move || {
        as_coroutine(2);
        let fx: unsafe extern "C" fn(*const i8, usize, *mut i8, usize, *mut *mut libc::hostent, *mut i32) -> i32 =
            unsafe { std::mem::transmute(symbol) };
        let (mut result, mut code, mut buf) = (std::ptr::null_mut(), 0, vec![0i8; 1024]);
        assert_eq!(unsafe { fx(c"127.0.0.1".as_ptr(), at, buf.as_mut_ptr(), 1024, &mut result, &mut code) }, 0);
        as_coroutine(1);
        None
    });
    let mut go = |len: usize| {
        inside(|| {
            call!(fx, c"fx_gethostbyname_r" => (*const i8, *mut libc::hostent, *mut i8, usize, *mut *mut libc::hostent, *mut i32) -> i32;
                c"localhost".as_ptr(), &mut host, buf.as_mut_ptr(), len, &mut result, &mut code)
        })
    };
    assert_eq!(go(1024), 0);
    assert_eq!(log(), ["pool"]);
    assert_eq!(go(8), libc::ERANGE);
    assert_eq!(log(), ["pool"]);
    assert_eq!(go(1024), 0);
    assert!(log().is_empty(), "the answer was kept");
    // Kept from here on: the pool is asked once for each kind of question.
    runtime::keep_names(10);
    log();
    assert_eq!([go(1024), go(1024)], [0, 0]);
    assert_eq!(log(), ["pool"]);
    let mut lists = [std::ptr::null_mut::<libc::addrinfo>(); 2];
    for list in &mut lists {
        assert_eq!(lookup(c"localhost", list), 0);
    }
    assert_eq!(log(), ["pool"]);
    let told = lists.map(|list| {
        let (mut all, mut at) = (Vec::new(), list);
        while let Some(entry) = unsafe { at.as_ref() } {
            let address = unsafe { std::slice::from_raw_parts(entry.ai_addr.cast::<u8>(), entry.ai_addrlen as usize) };
            all.push((entry.ai_family, entry.ai_socktype, entry.ai_protocol, address.to_vec()));
            at = entry.ai_next;
        }
        unsafe { libc::freeaddrinfo(list) };
        all
    });
    assert!(!told[0].is_empty());
    assert_eq!(told[0], told[1]);
    runtime::forget_names();
    assert_eq!(go(1024), 0);
    assert_eq!(log(), ["pool"]);
    assert_eq!(result, &raw mut host);
    assert_eq!(host.h_length, 4);
}

#[test]
fn a_held_lock_blocks_instead_of_suspending() {
    let (fx, _h) = fixture("lib18.so");
    let mut m = libc::PTHREAD_MUTEX_INITIALIZER;
    inside(|| {
        assert_eq!(call!(fx, c"fx_lock" => (*mut libc::pthread_mutex_t) -> i32; &mut m), 0);
        assert_eq!(call!(fx, c"fx_usleep" => (u32) -> i32; 1000), 0);
    });
    assert_eq!(log(), ["blocked usleep"]);
    // Another coroutine is not concerned.
    as_coroutine(2);
    inside(|| assert_eq!(call!(fx, c"fx_usleep" => (u32) -> i32; 1000), 0));
    assert_eq!(log(), ["sleep"]);
    as_coroutine(1);
    inside(|| {
        assert_eq!(call!(fx, c"fx_unlock" => (*mut libc::pthread_mutex_t) -> i32; &mut m), 0);
        assert_eq!(call!(fx, c"fx_usleep" => (u32) -> i32; 1000), 0);
    });
    assert_eq!(log(), ["sleep"]);
}

#[test]
fn locks_of_sqlite_belong_to_coroutines() {
    let (fx, _h) = fixture("libsqlite3.so.0");
    let mut m: libc::pthread_mutex_t = libc::PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
    let at = &raw mut m;
    let lock = |fx: &Fixture| call!(fx, c"fx_lock" => (*mut libc::pthread_mutex_t) -> i32; at);
    inside(|| {
        assert_eq!((lock(&fx), lock(&fx)), (0, 0), "recursive for its owner");
        assert_eq!(call!(fx, c"fx_usleep" => (u32) -> i32; 1000), 0);
    });
    assert_eq!(log(), ["sleep"], "its owner may suspend");
    as_coroutine(2);
    inside(|| assert_eq!(call!(fx, c"fx_trylock" => (*mut libc::pthread_mutex_t) -> i32; at), libc::EBUSY));
    let unlock = fx.symbol(c"fx_unlock") as usize;
    let address = at as usize;
    for _ in 0..2 {
        then(move || {
            as_coroutine(1);
            let f: extern "C" fn(usize) -> i32 = unsafe { std::mem::transmute(unlock) };
            assert_eq!(f(address), 0);
            as_coroutine(2);
            None
        });
    }
    inside(|| assert_eq!(lock(&fx), 0));
    assert_eq!(log(), ["sleep", "sleep"]);
    inside(|| assert_eq!(call!(fx, c"fx_unlock" => (*mut libc::pthread_mutex_t) -> i32; at), 0));
}

#[test]
fn closing_tells_the_engine() {
    let (fx, _h) = fixture("lib19.so");
    let (a, _b) = pair();
    assert_eq!(call!(fx, c"fx_close" => (i32) -> i32; a), 0);
    assert!(log().contains(&format!("closing {a}")));
}

#[test]
fn sendfile_waits_for_room() {
    let (fx, _h) = fixture("lib20.so");
    let name = path("sendfile");
    std::fs::write(&name, vec![9u8; 2 << 20]).unwrap();
    let file = std::fs::File::open(&name).unwrap();
    let (a, b) = pair();
    let reader = std::thread::spawn(move || {
        let (mut got, mut buf) = (0, vec![0u8; 65536]);
        while got < 2 << 20 {
            got += unsafe { libc::read(b, buf.as_mut_ptr().cast(), buf.len()) } as usize;
        }
    });
    let n = inside(
        || call!(fx, c"fx_sendfile" => (i32, i32, *mut i64, usize) -> isize; a, file.as_raw_fd(), std::ptr::null_mut(), 2 << 20),
    );
    assert_eq!(n, 2 << 20);
    reader.join().unwrap();
    assert_eq!(unsafe { libc::fcntl(a, libc::F_GETFL) } & libc::O_NONBLOCK, 0);
}
