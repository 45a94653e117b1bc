//! From a PHP value to a descriptor: a stream, a Socket, a number, or an object of ours that has one.

use std::fmt::Write;
use std::os::fd::RawFd;

use super::report;
use crate::zend::error::E_WARNING;
use crate::zend::{ObjectExt, Zval, ZvalExt, sys};

/// The descriptor behind `value`; none, with a warning, when there is none.
pub fn of(value: &Zval) -> Option<RawFd> {
    let value = value.dereference();
    if value.is_long() {
        let fd = value.to_long();
        if fd < 0 || fd > i64::from(i32::MAX) {
            let mut line = report::Line::<64>::default();
            let _ = write!(line, "invalid file descriptor#{} passed", fd as RawFd);
            report::fatal(E_WARNING, line.text());
            return None;
        }
        return Some(fd as RawFd);
    }
    if value.is_resource() {
        return match of_stream(value) {
            Some((fd, _)) => Some(fd),
            None => {
                report::fatal(E_WARNING, "fd argument must be either valid PHP stream or valid PHP socket resource");
                None
            }
        };
    }
    let Some(object) = value.obj() else {
        report::fatal(E_WARNING, "invalid file descriptor passed");
        return None;
    };
    let mut plain = false;
    // SAFETY: a live value; the shim looks at the class before it looks inside.
    match unsafe { sys::swrs_fd_of(std::ptr::from_ref(value).cast_mut(), &mut plain) } {
        -2 => {
            report::fatal(E_WARNING, "contains a closed socket");
            None
        }
        -1 => {
            let own = ["Swoole\\Coroutine\\Socket", "Swoole\\Client", "Swoole\\Process"];
            let field = ["fd", "sock", "pipe"];
            own.iter()
                .zip(field)
                .find_map(|(class, field)| {
                    // SAFETY: looks the name up in the class table, nothing else.
                    let class = unsafe { sys::swrs_find_class(class.as_ptr(), class.len()) };
                    (!class.is_null() && object.is_a(class)).then(|| object.prop(field))
                })
                .filter(|fd| fd.as_zval().is_long())
                .map(|fd| fd.as_zval().to_long() as RawFd)
                .filter(|fd| *fd >= 0)
        }
        fd => Some(fd),
    }
}

/// The descriptor of a stream, and whether it is a file on a disk, for which waiting makes no sense.
pub fn of_stream(value: &Zval) -> Option<(RawFd, bool)> {
    let mut plain = false;
    // SAFETY: as above.
    let fd = unsafe { sys::swrs_fd_of(std::ptr::from_ref(value.dereference()).cast_mut(), &mut plain) };
    (fd >= 0).then_some((fd, plain))
}

/// Sets or clears O_NONBLOCK.
pub fn set_nonblocking(fd: RawFd, on: bool) -> bool {
    // SAFETY: fcntl(2) on a number; a bad one is an error.
    unsafe {
        let flags = libc::fcntl(fd, libc::F_GETFL);
        if flags < 0 {
            return false;
        }
        let wanted = if on { flags | libc::O_NONBLOCK } else { flags & !libc::O_NONBLOCK };
        wanted == flags || libc::fcntl(fd, libc::F_SETFL, wanted) == 0
    }
}
