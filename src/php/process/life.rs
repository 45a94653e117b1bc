//! A process's life: start, exec, exit, and how its parent learns of its end.

use std::ffi::CString;
use std::os::fd::RawFd;

use super::{CALLBACK, PID, PIPE, State, prop, state_of_this};
use crate::log;
use crate::php::code::Code;
use crate::php::coroutine::wait;
use crate::php::error::fatal;
use crate::php::{callback, fd, fork, lifecycle, report};
use crate::process::{self, Forked, daemon};
use crate::zend::error::E_WARNING;
use crate::zend::guard::uncaught;
use crate::zend::{Call, Callable, ObjectExt, PhpResult, Thrown, Value, ZendObject, Zval, ZvalExt, guarded, host};

/// Whether this process may fork: not in a coroutine, and not once threads of ours may hold locks.
///
/// # Errors
/// Swoole's fatal error.
pub(crate) fn check_fork() -> PhpResult {
    if coroutine::current().is_some() {
        return Err(fatal(Code::OPERATION_NOT_SUPPORT, "must be forked outside the coroutine"));
    }
    if !fork::end_threads() {
        return Err(fatal(Code::OPERATION_NOT_SUPPORT, "can not fork after using async-threads"));
    }
    Ok(())
}

/// `start(): int|bool`: the child's pid. In the child it does not return.
pub fn start(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    let state = state_of_this(call)?;
    if process::exists(state.pid.get()) {
        ret.set_bool(false);
        report::fatal(E_WARNING, "process has already been started");
        return Ok(());
    }
    check_fork()?;
    match process::fork() {
        Err(_) => {
            ret.set_bool(false);
            report::system(E_WARNING, "fork() failed");
            Ok(())
        }
        Ok(Forked::Parent { child }) => {
            state.pid.set(child);
            prop(call.this(), PID, i64::from(child));
            ret.set_long(i64::from(child));
            Ok(())
        }
        Ok(Forked::Child) => {
            lifecycle::after_fork();
            run(state, call.this());
            // The script ends here: shutdown functions and destructors run, nothing after start() does.
            Err(Thrown::Bailout)
        }
    }
}

/// The life of a process that a server's manager has just forked for `object`.
///
/// # Errors
/// The object was never constructed.
pub(crate) fn run_in_server(object: &mut ZendObject, id: i64) -> PhpResult {
    // SAFETY: `addProcess` takes objects of this class and its children only.
    let state = unsafe { crate::zend::state_of::<State>(object) };
    prop(object, super::ID, id);
    run(state, object);
    Ok(())
}

/// The whole life of a child.
fn run(state: &State, this: &mut ZendObject) {
    let pid = std::process::id() as i32;
    state.in_child.set(true);
    state.pid.set(pid);
    // Exported by the parent, from its own end.
    state.socket.take();
    // Without the parent's end the child reads an end of file when the parent closes it, or dies.
    let end = state.pipe.borrow_mut().as_mut().and_then(|pipe| {
        pipe.master.take();
        pipe.end(true)
    });
    prop(this, PID, i64::from(pid));
    if let Some(end) = end {
        prop(this, PIPE, i64::from(end));
        if state.redirect.get() {
            redirect(end);
        }
    }
    log::set_identity(log::Role::User, state.id.get() as u32);
    let Some(callable) = Callable::new(this.slot(CALLBACK)) else {
        report::fatal(E_WARNING, "illegal callback function");
        return;
    };
    let mut arguments = [Value::object(this).into_zval()];
    if state.in_coroutine.get() {
        lifecycle::loop_engine();
        let spawned = host::spawn(callable.value(), callable.cache(), &mut arguments);
        if let Err(error) = spawned {
            let _ = crate::php::coroutine::not_spawned(&error);
        } else {
            // An abort ends the script all the same.
            let _ = lifecycle::run_loop();
        }
    } else {
        let (ended, value) = callable.call(&mut arguments);
        uncaught(ended);
        callback::discard(value);
    }
    uncaught(guarded(|| drop(arguments)));
}

fn redirect(end: RawFd) {
    for standard in 0..=2 {
        // SAFETY: descriptors of ours (dup2(2)).
        if unsafe { libc::dup2(end, standard) } < 0 {
            report::system(E_WARNING, "dup2() failed");
        }
    }
}

/// `Process::wait(bool $blocking = true): array|false`
pub fn wait(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let blocking = call.args(0, 1)?.opt_bool()?.unwrap_or(true);
    let mut status = 0;
    let flags = if blocking { 0 } else { libc::WNOHANG };
    // SAFETY: writes one int (waitpid(2)).
    let pid = unsafe { libc::waitpid(-1, &mut status, flags) };
    if pid > 0 {
        wait::report(wait::Ended { pid, status }).give(ret);
    } else {
        ret.set_bool(false);
    }
    Ok(())
}

/// `exit(int $exit_code = 0): void`: ends this process, which must be the object's.
pub fn exit(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut code = call.args(0, 1)?.opt_long()?.unwrap_or(0);
    let state = state_of_this(call)?;
    if state.pid.get() != std::process::id() as i32 {
        ret.set_bool(false);
        report::fatal(E_WARNING, "not current process");
        return Ok(());
    }
    if !(0..=255).contains(&code) {
        report::fatal(E_WARNING, "exit ret_code range is [>0 and <255] ");
        code = 1;
    }
    // exit(3) would drop what this thread still holds of PHP (timers, callbacks …), whose destructors would come back
    // to us while we are being torn down.
    // SAFETY: writes out what C's streams hold, and ends the process.
    unsafe {
        libc::fflush(std::ptr::null_mut());
        libc::_exit(code as i32)
    }
}

/// `exec(string $exec_file, array $args): bool`: becomes another program.
pub fn exec(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(2, 2)?;
    let file = args.bytes()?;
    let list = args.array()?;
    ret.set_bool(false);
    if file.is_empty() {
        report::fatal(E_WARNING, "exec file name is empty");
        return Ok(());
    }
    let mut arguments = Vec::with_capacity(list.len());
    list.each(|_, value| {
        let text = value.to_zstr();
        arguments.extend(text.and_then(|text| CString::new(text.as_bytes()).ok()));
        true
    });
    crate::zend::error::check()?;
    let Ok(path) = CString::new(file) else { return Ok(()) };
    let error = process::exec(&path, &arguments);
    drop((arguments, path));
    // SAFETY: writes this thread's errno, for the warning.
    unsafe { *libc::__errno_location() = error.raw_os_error().unwrap_or(0) };
    report::system(E_WARNING, &format!("execv({}) failed", String::from_utf8_lossy(file)));
    Ok(())
}

/// `Process::daemon(bool $nochdir = true, bool $noclose = true, array $pipes = []): bool`
pub fn daemon(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(0, 3)?;
    let stay = args.opt_bool()?.unwrap_or(true);
    let keep = args.opt_bool()?.unwrap_or(true);
    let pipes = args.opt_array()?;
    check_fork()?;
    if let Some(pipes) = pipes {
        let mut standard = 0;
        pipes.each(|_, value| {
            if let Some(end) = Some(value).filter(|value| !value.is_null()).and_then(fd::of) {
                // SAFETY: dup2(2) on numbers.
                unsafe { libc::dup2(end, standard) };
            }
            standard += 1;
            standard <= 2
        });
    }
    // The child goes on with the parent's loop: nobody else uses it any more. Only threads stay behind.
    crate::php::coroutine::preempt::stop();
    let done = daemon::daemonize(!stay, !keep);
    ret.set_bool(done.is_ok());
    Ok(())
}
