//! Whole files, read and written on the blocking pool.

use std::ffi::{CStr, CString, OsStr};
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;

use super::require_coroutine;
use crate::php::code::{Code, set_last};
use crate::zend::error::{Builtin, check, throw_builtin};
use crate::zend::{Args, Call, PhpResult, Zval, ZvalExt};

/// `LOCK_EX` as `FILE_LOCK` has it, and `FILE_APPEND`.
const LOCK: i64 = 2;
const APPEND: i64 = 8;

/// A path argument: not empty, no zero byte.
pub(crate) fn path(args: &mut Args, when_empty: &str) -> PhpResult<CString> {
    let bytes = args.bytes()?;
    if bytes.is_empty() {
        return Err(throw_builtin(Builtin::ValueError, when_empty));
    }
    CString::new(bytes).map_err(|_| args.reject(Builtin::ValueError.class(), c"must not contain any null bytes"))
}

fn os_path(path: &CStr) -> &OsStr {
    OsStr::from_bytes(path.to_bytes())
}

fn flock(file: &File, operation: i32) -> io::Result<()> {
    // SAFETY: flock(2) on an open descriptor.
    if unsafe { libc::flock(file.as_raw_fd(), operation) } == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

fn run<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> Option<T> {
    let result = coroutine::blocking(work)?;
    result.inspect_err(|error| set_last(Code(error.raw_os_error().unwrap_or(0)))).ok()
}

/// Tells the log of a file that could not be opened, read or written: the last error says why.
fn failed(name: &CStr, how: &str) {
    let code = crate::php::code::last();
    tracing::warn!("open({}, {how}) failed, Error: {}[{}]", name.to_string_lossy(), code.text(), code.0);
}

/// open(2)'s flags of [`write_file`].
fn opened_with(flags: i64) -> i32 {
    let from = if flags & APPEND != 0 { libc::O_APPEND } else { libc::O_TRUNC };
    libc::O_CREAT | libc::O_WRONLY | libc::O_NOFOLLOW | from
}

/// `System::readFile(string $filename, int $flag = 0): string|false`
pub fn read_file(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(1, 2)?;
    let path = path(&mut args, "Filename cannot be empty")?;
    let lock = args.opt_long()?.unwrap_or(0) & LOCK != 0;
    require_coroutine()?;
    let name = path.clone();
    let content = run(move || {
        let mut file = File::open(os_path(&path))?;
        if lock {
            flock(&file, libc::LOCK_SH)?;
        }
        let size = file.metadata().map_or(0, |facts| facts.len() as usize);
        let mut content = Vec::with_capacity(size);
        file.read_to_end(&mut content)?;
        Ok(content)
    });
    match content {
        Some(content) => ret.set_bytes(&content),
        None => {
            failed(&name, "O_RDONLY");
            ret.set_bool(false);
        }
    }
    check()
}

/// `System::writeFile(string $filename, string $fileContent, int $flags = 0): int|false`
pub fn write_file(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(2, 3)?;
    let path = path(&mut args, "Filename cannot be empty")?;
    let data = args.bytes()?.to_vec();
    let flags = args.opt_long()?.unwrap_or(0);
    require_coroutine()?;
    let name = path.clone();
    let written = run(move || {
        let append = flags & APPEND != 0;
        let mut options = OpenOptions::new();
        options.write(true).create(true).mode(0o644).custom_flags(libc::O_NOFOLLOW);
        // As truncate or append, never both.
        let options = if append { options.append(true) } else { options.truncate(true) };
        let mut file = options.open(os_path(&path))?;
        if flags & LOCK != 0 {
            flock(&file, libc::LOCK_EX)?;
        }
        file.write_all(&data)?;
        Ok(data.len())
    });
    match written {
        Some(bytes) => ret.set_long(bytes as i64),
        None => {
            failed(&name, &opened_with(flags).to_string());
            ret.set_bool(false);
        }
    }
    check()
}
