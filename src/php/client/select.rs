//! `swoole_client_select`: poll(2) over clients, sockets and streams.

use crate::php::coroutine::link::{settle, warn};
use crate::php::report;
use crate::zend::array::Key;
use crate::zend::error::E_WARNING;
use crate::zend::stream::fd_of;
use crate::zend::{Call, PhpResult, Value, Zval, ZvalExt, guarded};

const SETS: [i16; 3] = [libc::POLLIN, libc::POLLOUT, libc::POLLHUP];

/// Takes out of an array what is not ready; how many are left.
fn keep_ready(set: &mut Zval, fds: &[libc::pollfd], event: i16) -> i64 {
    let mut ready = Value::array(4);
    let mut count = 0;
    {
        let mut ready = ready.array_mut();
        let Some(array) = set.as_array() else { return 0 };
        array.each(|key, item| {
            let Some(fd) = fd_of(item) else { return true };
            let is_ready = fds.iter().any(|poll| poll.fd == fd && poll.revents & event != 0)
                || (event == libc::POLLIN && super::read_ahead(item) > 0);
            if is_ready {
                count += 1;
                match key {
                    Key::Name(name) => ready.set_bytes(name, Value::copy_of(item)),
                    Key::Index(index) => ready.set_index(index, Value::copy_of(item)),
                }
            }
            true
        });
    }
    set.assign(ready);
    count
}

pub fn select(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(3, 4)?;
    let mut sets = [args.by_ref(), args.by_ref(), args.by_ref()];
    let seconds = args.opt_double()?.unwrap_or(0.5);
    let mut fds: Vec<libc::pollfd> = Vec::new();
    let mut ahead = false;
    let mut strangers = 0;
    for (set, event) in sets.iter().zip(SETS) {
        let Some(array) = set.as_ref().and_then(|set| set.as_array()) else { continue };
        array.each(|_, item| {
            if let Some(fd) = fd_of(item) {
                ahead |= event == libc::POLLIN && super::read_ahead(item) > 0;
                match fds.iter_mut().find(|poll| poll.fd == fd) {
                    Some(poll) => poll.events |= event,
                    None => fds.push(libc::pollfd { fd, events: event, revents: 0 }),
                }
            } else {
                strangers += 1;
            }
            true
        });
    }
    ret.set_bool(false);
    for _ in 0..strangers {
        warn("invalid file descriptor passed")?;
    }
    if fds.is_empty() {
        return warn("no resource arrays were passed to select");
    }
    // What was read ahead is there already.
    let timeout = if ahead { 0 } else { (seconds * 1000.0).clamp(-1.0, f64::from(i32::MAX)) as i32 };
    let n = loop {
        // SAFETY: as many pollfds as the vector has.
        let n = unsafe { libc::poll(fds.as_mut_ptr(), fds.len() as libc::nfds_t, timeout) };
        if n >= 0 || std::io::Error::last_os_error().raw_os_error() != Some(libc::EINTR) {
            break n;
        }
    };
    if n < 0 {
        drop(fds);
        settle(guarded(|| report::system(E_WARNING, "unable to poll()")))?;
        return crate::zend::error::check();
    }
    let mut ready = 0;
    for (set, event) in sets.iter_mut().zip(SETS) {
        if let Some(set) = set.as_mut().filter(|set| set.as_array().is_some_and(|array| !array.is_empty())) {
            ready += keep_ready(set, &fds, event);
        }
    }
    ret.set_long(if ahead { ready } else { i64::from(n) });
    Ok(())
}
