//! One descriptor that a script watches: its callbacks, and what it has still to send.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::os::fd::RawFd;
use std::rc::Rc;

use coroutine::{Source, SourceId, engine};
use reactor::{Interest, Readiness};

use crate::php::code::{Code, set_last, set_last_errno};
use crate::php::{callback, fd, report};
use crate::zend::error::E_WARNING;
use crate::zend::registration::ini;
use crate::zend::{Callable, Value, Zval};

/// `SWOOLE_EVENT_READ` and `SWOOLE_EVENT_WRITE`.
pub const READ: i64 = 512;
pub const WRITE: i64 = 1024;

pub struct Watch {
    fd: RawFd,
    /// What the script gave us: the argument of its callbacks.
    value: Value,
    read: RefCell<Option<Rc<Callable>>>,
    write: RefCell<Option<Rc<Callable>>>,
    /// What the script asked for; sending adds [`WRITE`] by itself.
    events: Cell<i64>,
    source: Cell<Option<SourceId>>,
    unsent: RefCell<Vec<u8>>,
}

thread_local! {
    static WATCHED: RefCell<HashMap<RawFd, Rc<Watch>>> = RefCell::default();
}

pub(super) fn find(fd: RawFd) -> Option<Rc<Watch>> {
    WATCHED.with_borrow(|watched| watched.get(&fd).cloned())
}

/// Takes a descriptor out of the loop; its values are dropped at the end of the turn, as one of its
/// callbacks may be what calls us.
pub(super) fn remove(fd: RawFd) -> bool {
    let Some(watch) = WATCHED.with_borrow_mut(|watched| watched.remove(&fd)) else { return false };
    watch.leave();
    super::defer_native(move || callback::discard(watch));
    true
}

pub(super) fn forget() {
    let watched = WATCHED.take();
    for watch in watched.values() {
        watch.leave();
    }
    callback::discard(watched);
}

pub(super) fn after_fork() {
    std::mem::forget(WATCHED.take());
}

/// Before a descriptor of ours is closed: nobody watches it any more.
pub fn forget_fd(fd: RawFd) {
    remove(fd);
}

/// Sends on a non-blocking descriptor what the kernel takes now, and the rest when it takes more.
pub fn send(fd: RawFd, data: &[u8]) -> bool {
    if let Some(watch) = find(fd) {
        return watch.write(data);
    }
    match try_send(fd, data) {
        None => false,
        Some(sent) if sent == data.len() => true,
        // Watched for as long as something is left to send.
        Some(sent) => Watch::start(fd, &Zval::new(), None, None, 0) && find(fd).is_some_and(|watch| watch.write(&data[sent..])),
    }
}

fn interest(events: i64) -> Interest {
    let mut interest = Interest::EMPTY;
    if events & READ != 0 {
        interest |= Interest::READ;
    }
    if events & WRITE != 0 {
        interest |= Interest::WRITE;
    }
    interest
}

impl Watch {
    pub(super) fn start(fd: RawFd, value: &Zval, read: Option<Callable>, write: Option<Callable>, events: i64) -> bool {
        fd::set_nonblocking(fd, true);
        let watch = Rc::new(Self {
            fd,
            value: Value::copy_of(value),
            read: RefCell::new(read.map(Rc::new)),
            write: RefCell::new(write.map(Rc::new)),
            events: Cell::new(events & (READ | WRITE)),
            source: Cell::new(None),
            unsent: RefCell::default(),
        });
        let Some(engine) = engine() else { return false };
        let Ok(source) = engine.add_source(fd, interest(events), Rc::clone(&watch) as Rc<dyn Source>) else {
            set_last(Code::EVENT_ADD_FAILED);
            return false;
        };
        watch.source.set(Some(source));
        WATCHED.with_borrow_mut(|watched| watched.insert(fd, watch));
        true
    }

    pub(super) fn events(&self) -> i64 {
        self.events.get()
    }

    pub(super) fn has_callback(&self, event: i64) -> bool {
        if event == READ { self.read.borrow().is_some() } else { self.write.borrow().is_some() }
    }

    pub(super) fn replace(&self, read: Option<Callable>, write: Option<Callable>) {
        let mut old = Vec::new();
        for (slot, callable) in [(&self.read, read), (&self.write, write)] {
            if let Some(callable) = callable {
                old.extend(slot.replace(Some(Rc::new(callable))));
            }
        }
        if !old.is_empty() {
            super::defer_native(move || callback::discard(old));
        }
    }

    pub(super) fn set_events(&self, events: i64) -> bool {
        self.events.set(events & (READ | WRITE));
        self.tell_kernel()
    }

    fn tell_kernel(&self) -> bool {
        let sending = if self.unsent.borrow().is_empty() { 0 } else { WRITE };
        engine()
            .and_then(|engine| engine.reactor().ok())
            .is_some_and(|reactor| reactor.modify(self.fd, interest(self.events.get() | sending)).is_ok())
    }

    fn leave(&self) {
        if let (Some(engine), Some(source)) = (engine(), self.source.take()) {
            engine.remove_source(self.fd, source);
        }
    }

    /// Sends now what the kernel takes, and the rest when it takes more.
    pub(super) fn write(&self, data: &[u8]) -> bool {
        let limit = ini(|ini| ini.socket_buffer_size).max(0) as usize;
        let mut unsent = self.unsent.borrow_mut();
        if data.len() > limit {
            set_last(Code::PACKAGE_LENGTH_TOO_LARGE);
            return false;
        }
        let mut sent = 0;
        if unsent.is_empty() {
            match try_send(self.fd, data) {
                Some(bytes) if bytes == data.len() => return true,
                Some(bytes) => sent = bytes,
                None => return false,
            }
        } else if unsent.len() + data.len() > limit {
            set_last(Code::OUTPUT_BUFFER_OVERFLOW);
            return false;
        }
        unsent.extend_from_slice(&data[sent..]);
        drop(unsent);
        self.tell_kernel()
    }

    /// Goes on sending; true when the buffer was what the kernel told us about.
    fn flush(&self) -> bool {
        let mut unsent = self.unsent.borrow_mut();
        if unsent.is_empty() {
            return false;
        }
        match try_send(self.fd, &unsent) {
            Some(bytes) => drop(unsent.drain(..bytes)),
            // The peer is gone: reading will tell the script.
            None => unsent.clear(),
        }
        let done = unsent.is_empty();
        drop(unsent);
        if done && self.read.borrow().is_none() && self.write.borrow().is_none() {
            remove(self.fd);
        } else if done {
            self.tell_kernel();
        }
        true
    }

    fn call(&self, slot: &RefCell<Option<Rc<Callable>>>, name: &str) {
        let callable = slot.borrow().clone();
        let Some(callable) = callable else { return };
        let argument = self.value.clone().into_zval();
        let mut arguments = [argument];
        if !callback::run(&callable, &mut arguments) && !engine().is_some_and(coroutine::Engine::is_aborted) {
            let message = format!("Swoole\\Event: {name} callback handler error, fd [{}] will be removed from reactor", self.fd);
            callback::finish(crate::zend::guarded(|| report::fatal(E_WARNING, &message)));
            remove(self.fd);
        }
        callback::discard((arguments, callable));
    }

    /// Whether the script still watches this very registration.
    fn is_watched(&self) -> bool {
        self.source.get().is_some()
    }
}

impl Source for Watch {
    fn ready(&self, _fd: RawFd, ready: Readiness) {
        let readable = ready.intersects(Readiness::READ | Readiness::PRIORITY | Readiness::READ_HANGUP);
        let writable = ready.intersects(Readiness::WRITE);
        let fault = !readable && !writable && ready.intersects(Readiness::ERROR | Readiness::HANGUP);
        // An error alone goes to whom it may concern: who reads, else who writes.
        let events = self.events.get();
        if readable && events & READ != 0 || fault && events & READ != 0 {
            self.call(&self.read, "readable");
        }
        if !self.is_watched() {
            return;
        }
        let sent = (writable || fault) && self.flush();
        let events = self.events.get();
        if !sent && events & WRITE != 0 && (writable || fault && events & READ == 0) {
            self.call(&self.write, "writable");
        }
    }
}

/// Writes without waiting: how much was taken. None on an error, which is left as the last one.
fn try_send(fd: RawFd, data: &[u8]) -> Option<usize> {
    loop {
        // SAFETY: reads the slice; the descriptor is non-blocking.
        let sent = unsafe { libc::write(fd, data.as_ptr().cast(), data.len()) };
        if sent >= 0 {
            return Some(sent as usize);
        }
        match std::io::Error::last_os_error().raw_os_error() {
            Some(libc::EINTR) => {}
            Some(libc::EAGAIN | libc::ENOBUFS) => return Some(0),
            _ => {
                set_last_errno();
                return None;
            }
        }
    }
}
