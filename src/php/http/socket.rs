//! Responses over a `Swoole\Coroutine\Socket`.

use std::fs::File;
use std::os::fd::AsRawFd;
use std::rc::Rc;

use net::{Socket, deadline};

use super::link::SocketLink;
use crate::zend::registration::ce;
use crate::zend::{ObjectExt, ZendObject};

/// A socket on which one response is written; nobody waits for its end.
pub struct Plain(pub Rc<Socket>);

impl SocketLink for Plain {
    fn write(&self, parts: &[&[u8]]) -> bool {
        write(&self.0, parts)
    }

    fn send_file(&self, file: File, offset: u64, length: usize) -> bool {
        send_file(&self.0, &file, offset, length)
    }

    fn is_open(&self) -> bool {
        !self.0.is_closed()
    }

    fn close(&self) -> bool {
        self.0.close()
    }

    fn finished(&self, keep_alive: bool) {
        if !keep_alive {
            self.0.close();
        }
    }

    fn fd(&self) -> i64 {
        i64::from(self.0.fd())
    }
}

/// Writes all parts, suspending where the peer is slow.
pub fn write(socket: &Socket, parts: &[&[u8]]) -> bool {
    let until = deadline(crate::php::coroutine::socket::default_timeouts().write);
    match parts {
        [one] => socket.send_all(one, until).is_ok(),
        // Two small writes would be two packets, and two calls.
        parts if parts.iter().map(|part| part.len()).sum::<usize>() <= 64 * 1024 => socket.send_all(&parts.concat(), until).is_ok(),
        parts => parts.iter().all(|part| part.is_empty() || socket.send_all(part, until).is_ok()),
    }
}

pub fn send_file(socket: &Socket, file: &File, offset: u64, length: usize) -> bool {
    let until = deadline(crate::php::coroutine::socket::default_timeouts().write);
    socket.send_file(file.as_raw_fd(), offset, length as u64, until).is_ok()
}

/// The link of a Socket object; none for objects of other classes.
pub fn link(object: &ZendObject) -> Option<Rc<dyn SocketLink>> {
    if !object.is_a(std::ptr::from_ref(ce::coroutine_socket()).cast_mut()) {
        return None;
    }
    let socket = crate::php::coroutine::socket::socket(object).ok()?;
    Some(Rc::new(Plain(socket)))
}
