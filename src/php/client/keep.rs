//! Connections that were made with SWOOLE_KEEP and wait for the next client, across requests.

use std::cell::RefCell;
use std::collections::{HashMap, VecDeque};
use std::rc::Rc;

use super::Connection;

#[derive(Default)]
struct Pool {
    owner: u32,
    idle: HashMap<Vec<u8>, VecDeque<Rc<Connection>>>,
}

thread_local! {
    static POOL: RefCell<Pool> = RefCell::default();
}

fn with<T>(work: impl FnOnce(&mut HashMap<Vec<u8>, VecDeque<Rc<Connection>>>) -> T) -> T {
    POOL.with_borrow_mut(|pool| {
        let process = std::process::id();
        if pool.owner != process {
            // A forked child leaves its parent's connections alone: not even a goodbye is said on them.
            for connection in pool.idle.drain().flat_map(|(_, list)| list) {
                let fd = connection.socket.release();
                // SAFETY: our copy of an fd that nobody here uses any more.
                unsafe { libc::close(fd) };
            }
            pool.owner = process;
        }
        work(&mut pool.idle)
    })
}

/// A kept connection that still lives.
pub(super) fn take(key: &[u8]) -> Option<Rc<Connection>> {
    loop {
        let connection = with(|idle| idle.get_mut(key)?.pop_front())?;
        if connection.socket.check_liveness().is_ok() {
            return Some(connection);
        }
        connection.socket.close();
    }
}

pub(super) fn put(key: Vec<u8>, connection: Rc<Connection>) {
    // A framing function belongs to the request that set it.
    connection.socket.set_framer(None);
    with(|idle| idle.entry(key).or_default().push_back(connection));
}
