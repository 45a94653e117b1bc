//! The protocols of plain stream ports: bytes as they come, or packets by a framer.

use std::any::Any;
use std::cell::RefCell;
use std::rc::Rc;

use protocol::framing::{Framer, Step};

use super::app::Level;
use super::{Conn, Input, Protocol, worker};

/// What was read is one packet. One object serves all connections.
pub struct Raw;

impl Protocol for Raw {
    fn data(&self, conn: &Rc<Conn>, bytes: &[u8]) -> Input {
        if let Some(worker) = worker() {
            worker.app().received(conn, bytes);
        }
        Input::all(bytes)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// Packets by end marker, length field, callback or MQTT header.
pub struct Framed(RefCell<Framer>);

impl Framed {
    pub fn new(framer: Framer) -> Self {
        Self(RefCell::new(framer))
    }
}

impl Protocol for Framed {
    fn data(&self, conn: &Rc<Conn>, bytes: &[u8]) -> Input {
        let Some(worker) = worker() else { return Input::all(bytes) };
        let mut at = 0;
        let mut first = true;
        while at < bytes.len() && conn.is_open() {
            // A length callback runs PHP under this borrow; it cannot reach this connection's framer again.
            let step = self.0.borrow_mut().next(&bytes[at..]);
            match step {
                Ok(Step::Frame(range)) => {
                    let packet = &bytes[at + range.start..at + range.end];
                    at += range.end;
                    // The first reply is not held back: its callback may have long work to do after it.
                    if at < bytes.len() && !std::mem::take(&mut first) {
                        conn.cork();
                    }
                    worker.app().received(conn, packet);
                }
                Ok(Step::NeedMore { hint }) => return Input { consumed: at, need: hint },
                Err(error) => {
                    worker.app().log(
                        Level::Warning,
                        &format!("{error} from session#{} on {}:{}", conn.id(), conn.port().host, conn.port().number),
                    );
                    // What it sent cannot be told apart any more: a reset says so, where an end of the stream would not.
                    conn.abort();
                    return Input::all(bytes);
                }
            }
        }
        Input { consumed: at, need: 0 }
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
