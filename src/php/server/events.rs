//! The events of a server and of its ports, and the callables set for them.

use std::cell::RefCell;
use std::rc::Rc;

use crate::zend::{Callable, GcBuffer};

macro_rules! events {
    ($(#[$doc:meta])* $kind:ident { $($name:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $kind { $($name,)* }

        impl $kind {
            /// By its name in any letter case.
            pub fn from_name(name: &[u8]) -> Option<Self> {
                $(if name.eq_ignore_ascii_case($text.as_bytes()) {
                    return Some(Self::$name);
                })*
                None
            }
        }
    };
}

events! {
    /// Events of the server as a whole, in the order of its first properties.
    ServerEvent {
        Start = "Start",
        BeforeShutdown = "BeforeShutdown",
        Shutdown = "Shutdown",
        WorkerStart = "WorkerStart",
        WorkerStop = "WorkerStop",
        BeforeReload = "BeforeReload",
        AfterReload = "AfterReload",
        WorkerExit = "WorkerExit",
        WorkerError = "WorkerError",
        Task = "Task",
        Finish = "Finish",
        ManagerStart = "ManagerStart",
        ManagerStop = "ManagerStop",
        PipeMessage = "PipeMessage",
    }
}

events! {
    /// Events of a port, in the order of its first properties.
    PortEvent {
        Connect = "Connect",
        Receive = "Receive",
        Close = "Close",
        Packet = "Packet",
        BufferFull = "BufferFull",
        BufferEmpty = "BufferEmpty",
        Request = "Request",
        Handshake = "Handshake",
        Open = "Open",
        Message = "Message",
        Disconnect = "Disconnect",
        BeforeHandshakeResponse = "BeforeHandshakeResponse",
    }
}

const ROOM: usize = 14;

/// The callables of one object, by event.
#[derive(Default)]
pub struct Callbacks(RefCell<[Option<Rc<Callable>>; ROOM]>);

impl Callbacks {
    pub fn set(&self, event: usize, callable: Callable) {
        let old = self.0.borrow_mut()[event].replace(Rc::new(callable));
        // Dropped here, after the borrow: a closure's end may run code.
        drop(old);
    }

    /// Forgets a callable. True: there was one.
    pub fn clear(&self, event: usize) -> bool {
        let old = self.0.borrow_mut()[event].take();
        old.is_some()
    }

    #[inline]
    pub fn find(&self, event: usize) -> Option<Rc<Callable>> {
        self.0.borrow()[event].clone()
    }

    pub fn has(&self, event: usize) -> bool {
        self.0.borrow()[event].is_some()
    }

    pub fn gc(&self, buffer: &mut GcBuffer) {
        if let Ok(all) = self.0.try_borrow() {
            for callable in all.iter().flatten() {
                buffer.add_zval(callable.value());
            }
        }
    }
}
