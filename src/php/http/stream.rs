//! A request's body that the script reads as it comes (`http_request_stream`).

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use coroutine::{CoId, Task, Wake, engine, suspend_for};

use crate::server::Conn;

/// Bytes that may wait for the script before reading stops.
const HIGH: usize = 256 * 1024;

#[derive(Default)]
pub struct BodyStream {
    pieces: RefCell<VecDeque<Vec<u8>>>,
    waiting: Cell<usize>,
    ended: Cell<bool>,
    broken: Cell<bool>,
    waiter: Cell<Option<(CoId, u32)>>,
    /// Told how many bytes the script has taken.
    taken: RefCell<Option<Box<dyn Fn(usize)>>>,
}

impl BodyStream {
    pub fn new(taken: Box<dyn Fn(usize)>) -> Rc<Self> {
        Rc::new(Self { taken: RefCell::new(Some(taken)), ..Self::default() })
    }

    /// True when enough is waiting: read no more until the script has taken some.
    pub fn push(&self, bytes: &[u8]) -> bool {
        if !bytes.is_empty() {
            self.waiting.set(self.waiting.get() + bytes.len());
            self.pieces.borrow_mut().push_back(bytes.to_vec());
            self.wake();
        }
        self.waiting.get() >= HIGH
    }

    pub fn end(&self) {
        self.ended.set(true);
        self.wake();
    }

    /// The client is gone.
    pub fn abort(&self) {
        if !self.ended.get() {
            self.broken.set(true);
            self.wake();
        }
    }

    fn wake(&self) {
        if let (Some(wait), Some(engine)) = (self.waiter.take(), engine()) {
            engine.wake_later(wait);
        }
    }

    /// The next bytes, at most `most` of them (0: as they came); empty at the end; none on a time-out, or
    /// when the client is gone.
    pub fn read(&self, most: usize, timeout: Option<Duration>) -> Option<Vec<u8>> {
        loop {
            let piece = self.pieces.borrow_mut().pop_front();
            if let Some(mut piece) = piece {
                if most > 0 && piece.len() > most {
                    let rest = piece.split_off(most);
                    self.pieces.borrow_mut().push_front(rest);
                }
                self.waiting.set(self.waiting.get() - piece.len());
                if let Some(taken) = &*self.taken.borrow() {
                    taken(piece.len());
                }
                return Some(piece);
            }
            if self.ended.get() {
                return Some(Vec::new());
            }
            if self.broken.get() {
                return None;
            }
            let ticket = engine().filter(|engine| engine.can_suspend()).and_then(coroutine::Engine::next_wait)?;
            self.waiter.set(Some(ticket));
            let wake = suspend_for(timeout, Task::Wait);
            self.waiter.set(None);
            if wake != Wake::Resumed {
                return None;
            }
        }
    }
}

/// Reading goes on when the script has taken enough.
pub fn resume_when_taken(conn: &Rc<Conn>) -> Box<dyn Fn(usize)> {
    let conn = Rc::downgrade(conn);
    Box::new(move |_| {
        if let Some(conn) = conn.upgrade() {
            conn.resume();
        }
    })
}
