//! Which slots are patched, and that nothing is left behind.

mod support;

use std::ffi::CString;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use runtime::elf::patch::{patched_objects, snapshot};
use runtime::{HookFlags, set_flags};
use support::*;

fn sleeps(fx: &Fixture) -> Vec<String> {
    log();
    let r = inside(|| call!(fx, c"fx_usleep" => (u32) -> i32; 2000));
    assert_eq!(r, 0);
    log()
}

/// One test at a time: an object that another one loads, or a symbol that it is first to bind, changes the slots.
fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

#[test]
fn full_and_partial_relro_are_patched_and_restored() {
    let _turn = turn();
    let full = Fixture::open(&build("libfull.so", &["-Wl,-z,relro,-z,now"]));
    let lazy = Fixture::open(&build("liblazy.so", &["-Wl,-z,relro,-z,lazy"]));
    let _h = hooked(HookFlags::NONE);
    let before = snapshot();
    assert!(before.len() > 60, "{}", before.len());
    assert!(sleeps(&full).is_empty() && sleeps(&lazy).is_empty());
    // The lazy one has bound usleep by now; compare from here.
    let before = {
        drop(before);
        snapshot()
    };
    let patched = set_flags(HookFlags::ALL);
    assert!(patched > 60, "{patched}");
    assert_eq!(set_flags(HookFlags::ALL), patched, "idempotent");
    assert_eq!(sleeps(&full), ["sleep"]);
    assert_eq!(sleeps(&lazy), ["sleep"]);
    let changed = snapshot().iter().zip(&before).filter(|(a, b)| a.1 != b.1).count();
    assert_eq!(changed, patched);
    assert_eq!(set_flags(HookFlags::NONE), 0);
    assert!(snapshot() == before, "no trace");
    assert!(sleeps(&full).is_empty());
    assert!(patched_objects().is_empty());
}

#[test]
fn flags_choose_families() {
    let _turn = turn();
    let fx = Fixture::open(&build("libflags.so", &[]));
    let _h = hooked(HookFlags::TCP);
    assert!(sleeps(&fx).is_empty());
    let tcp = set_flags(HookFlags::TCP);
    let both = set_flags(HookFlags::TCP.union(HookFlags::SLEEP));
    assert!(both > tcp);
    assert_eq!(sleeps(&fx), ["sleep"]);
    set_flags(HookFlags::TCP);
    assert!(sleeps(&fx).is_empty());
}

#[test]
fn function_pointers_in_data_are_patched() {
    let _turn = turn();
    let fx = Fixture::open(&build("libpointer.so", &[]));
    let _h = hooked(HookFlags::ALL);
    let (a, b) = pair();
    then(move || {
        put(b, b"x");
        None
    });
    let mut buf = [0u8; 4];
    let r = inside(|| call!(fx, c"fx_read_by_pointer" => (i32, *mut u8, usize) -> isize; a, buf.as_mut_ptr(), 4));
    assert_eq!((r, buf[0]), (1, b'x'));
    assert_eq!(log(), ["wait Read"]);
}

#[test]
fn objects_loaded_later_are_patched_and_may_go() {
    let _turn = turn();
    let first = Fixture::open(&build("libfirst.so", &[]));
    let late = build("liblate.so", &["-Wl,-z,now"]);
    let _h = hooked(HookFlags::ALL);
    for _ in 0..3 {
        let handle = call!(first, c"fx_dlopen" => (*const i8) -> *mut std::ffi::c_void; late.as_ptr());
        assert!(!handle.is_null());
        let fx = Fixture(handle);
        assert_eq!(sleeps(&fx), ["sleep"]);
        fx.close();
        // With the object gone, its slots must not be written.
        set_flags(HookFlags::SLEEP);
        set_flags(HookFlags::ALL);
    }
    // Found by dlsym where dlopen went past us.
    let fx = Fixture::open(&late);
    let name = CString::new("fx_usleep").unwrap();
    let f = call!(first, c"fx_dlsym" => (*mut std::ffi::c_void, *const i8) -> *mut std::ffi::c_void; fx.0, name.as_ptr());
    assert_eq!(f, fx.symbol(c"fx_usleep"));
    assert_eq!(sleeps(&fx), ["sleep"]);
    fx.close();
    set_flags(HookFlags::NONE);
}

#[test]
fn denied_objects_stay_as_they_are() {
    let _turn = turn();
    let fx = Fixture::open(&build("libdenied.so", &[]));
    let opcache = Fixture::open(&build("opcache.so", &[]));
    let _h = hooked(HookFlags::ALL);
    assert_eq!(sleeps(&fx), ["sleep"]);
    assert!(sleeps(&opcache).is_empty());
    runtime::deny("libdenied");
    set_flags(HookFlags::ALL);
    assert!(sleeps(&fx).is_empty());
    for (name, _) in patched_objects() {
        let file = name.rsplit('/').next().unwrap_or("");
        assert!(!["libc.so", "ld-linux", "opcache", "libdenied"].iter().any(|d| file.starts_with(d)), "{name}");
    }
}

#[test]
fn a_library_with_a_flag_of_its_own() {
    let _turn = turn();
    let curl = Fixture::open(&build("libcurl.so.4", &[]));
    let _h = hooked(HookFlags::SLEEP);
    assert!(sleeps(&curl).is_empty());
    set_flags(HookFlags::NATIVE_CURL);
    assert_eq!(sleeps(&curl), ["sleep"]);
}

#[test]
fn walking_and_switching_are_quick() {
    let _turn = turn();
    let _h = hooked(HookFlags::NONE);
    // Libraries with many symbols, if they are there.
    for lib in [c"libcrypto.so.3", c"libssl.so.3", c"libxml2.so.2", c"libcurl.so.4"] {
        unsafe { libc::dlopen(lib.as_ptr(), libc::RTLD_NOW) };
    }
    let begin = Instant::now();
    set_flags(HookFlags::ALL);
    let first = begin.elapsed();
    let begin = Instant::now();
    set_flags(HookFlags::NONE);
    let second = begin.elapsed();
    // Five on a quiet machine; the bound here only catches something quadratic.
    assert!(first.as_millis() < 100 && second.as_millis() < 100, "{first:?} {second:?}");
    eprintln!("walk and patch {first:?}, restore {second:?}");
}

#[test]
fn other_threads_pass_through() {
    let _turn = turn();
    let fx = Fixture::open(&build("libthread.so", &[]));
    let _h = hooked(HookFlags::ALL);
    let f = fx.symbol(c"fx_usleep") as usize;
    std::thread::spawn(move || {
        inside(|| {
            let f: extern "C" fn(u32) -> i32 = unsafe { std::mem::transmute(f) };
            assert_eq!(f(1000), 0);
        });
        assert!(log().is_empty());
    })
    .join()
    .unwrap();
}

#[test]
fn a_fork_inside_a_coroutine_leaves_the_engine_alone() {
    let _turn = turn();
    let fx = Fixture::open(&build("libfork.so", &[]));
    let _h = hooked(HookFlags::ALL);
    let pid = inside(|| call!(fx, c"fx_fork" => () -> i32;));
    if pid == 0 {
        log();
        inside(|| call!(fx, c"fx_close" => (i32) -> i32; 0));
        let quiet = log().is_empty();
        unsafe { libc::_exit(if quiet { 7 } else { 1 }) };
    }
    let mut status = 0;
    let r = inside(|| call!(fx, c"fx_waitpid" => (i32, *mut i32, i32) -> i32; pid, &mut status, 0));
    assert_eq!((r, libc::WEXITSTATUS(status)), (pid, 7));
}
