//! Signals, alarms, names, priorities and processors.

use super::state_of_this;
use crate::php::code::{Code, set_last, set_last_errno};
use crate::php::lifecycle::loop_engine;
use crate::php::{report, signal as signals};
use crate::process;
use crate::zend::error::E_WARNING;
use crate::zend::{Call, PhpResult, Value, Zval, ZvalExt};

/// `Process::kill(int $pid, int $signal_no = SIGTERM): bool`; signal 0 only asks.
pub fn kill(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(1, 2)?;
    let pid = args.long()? as i32;
    let signo = args.opt_long()?.unwrap_or(i64::from(libc::SIGTERM)) as i32;
    // SAFETY: kill(2) on numbers.
    let done = unsafe { libc::kill(pid, signo) } == 0;
    ret.set_bool(done);
    if !done && !(signo == 0 && std::io::Error::last_os_error().raw_os_error() == Some(libc::ESRCH)) {
        report::system(E_WARNING, &format!("kill({pid}, {signo}) failed"));
    }
    Ok(())
}

fn no(ret: &mut Zval, message: &str) -> PhpResult {
    ret.set_bool(false);
    report::fatal(E_WARNING, message);
    Ok(())
}

/// `Process::signal(int $signal_no, ?callable $callback = null): bool`; SIG_IGN ignores the signal.
pub fn signal(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(1, 2)?;
    let signo = args.long()?;
    let value = args.opt_value().filter(|value| !value.is_null());
    if !(0..signals::LIMIT).contains(&signo) {
        return no(ret, &format!("invalid signal number [{signo}]"));
    }
    let signo = signo as i32;
    let Some(value) = value else {
        let cleared = signals::clear_handler(signo);
        ret.set_bool(cleared);
        if !cleared {
            report::notice(E_WARNING, &format!("unable to find the callback of signal [{signo}]"));
        }
        return Ok(());
    };
    if signals::is_taken(signo) {
        return no(ret, &format!("signal [{signo}] processor has been registered by the system"));
    }
    let ignore = value.is_long() && value.to_long() == libc::SIG_IGN as i64;
    let callable = if ignore { None } else { crate::php::callback::wanted(value) };
    if callable.is_none() && !ignore {
        ret.set_bool(false);
        return Ok(());
    }
    loop_engine();
    ret.set_bool(signals::set_handler(signo, callable).is_ok());
    Ok(())
}

/// `Process::alarm(int $usec, int $type = 0): bool`: a signal every so many microseconds; below 1, none any more.
pub fn alarm(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(1, 2)?;
    let usec = args.long()?.max(0);
    let kind = args.opt_long()?.unwrap_or(0);
    if crate::php::timer::is_in_use() {
        return no(ret, "cannot use both 'timer' and 'alarm' at the same time");
    }
    let time = libc::timeval { tv_sec: usec / 1_000_000, tv_usec: usec % 1_000_000 };
    let value = libc::itimerval { it_interval: time, it_value: time };
    // SAFETY: a filled struct; the old value is not asked for (setitimer(2)).
    let done =
        unsafe { libc::syscall(libc::SYS_setitimer, kind, &raw const value, std::ptr::null_mut::<libc::itimerval>()) } == 0;
    ret.set_bool(done);
    if !done {
        report::system(E_WARNING, "setitimer() failed");
    }
    Ok(())
}

/// `name(string $process_name): bool`: what ps(1) shows.
pub fn name(call: &mut Call, ret: &mut Zval) -> PhpResult {
    crate::php::general::set_process_name(call, ret)
}

/// `Process::setAffinity(array $cpu_settings): bool`
pub fn set_affinity(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let list = call.args(1, 1)?.array()?;
    let count = std::thread::available_parallelism().map_or(1, std::num::NonZero::get).max(online());
    ret.set_bool(false);
    if list.is_empty() {
        return Ok(());
    }
    if list.len() > count {
        return no(ret, "More than the number of CPU");
    }
    let (mut cpus, mut wrong) = (Vec::with_capacity(list.len()), None);
    list.each(|_, value| {
        let cpu = value.to_long();
        if cpu < 0 || cpu as usize >= count {
            wrong = Some(cpu);
        } else {
            cpus.push(cpu as usize);
        }
        wrong.is_none()
    });
    if let Some(cpu) = wrong {
        return no(ret, &format!("invalid cpu id [{cpu}]"));
    }
    let done = process::set_affinity(&cpus).is_ok();
    ret.set_bool(done);
    if !done {
        report::system(E_WARNING, "sched_setaffinity() failed");
    }
    Ok(())
}

/// Processors of the machine, whichever of them this process may use.
fn online() -> usize {
    // SAFETY: asks for a number.
    unsafe { libc::sysconf(libc::_SC_NPROCESSORS_ONLN) }.max(1) as usize
}

/// `Process::getAffinity(): array`
pub fn get_affinity(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    match process::affinity() {
        Ok(cpus) => {
            let mut list = Value::array(cpus.len() as u32);
            let mut array = list.array_mut();
            for cpu in cpus {
                array.push(Value::long(cpu as i64));
            }
            list.give(ret);
        }
        Err(_) => {
            ret.set_bool(false);
            report::system(E_WARNING, "sched_getaffinity() failed");
        }
    }
    Ok(())
}

/// Whose priority: the process's own without `$who`, which other kinds need.
fn whom(call: &Call, ret: &mut Zval, which: i64, who: Option<i64>) -> PhpResult<Option<u32>> {
    if let Some(who) = who {
        return Ok(Some(who as u32));
    }
    if which == i64::from(libc::PRIO_PROCESS) {
        return Ok(Some(state_of_this(call)?.pid.get() as u32));
    }
    ret.set_bool(false);
    report::fatal(E_WARNING, "$who parameter must not be null");
    set_last(Code::INVALID_PARAMS);
    Ok(None)
}

/// `setPriority(int $which, int $priority, ?int $who = null): bool`
pub fn set_priority(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(2, 3)?;
    let (which, priority) = (args.long()?, args.long()?);
    let who = args.opt_long_or_null()?;
    let Some(who) = whom(call, ret, which, who)? else { return Ok(()) };
    // SAFETY: setpriority(2) on numbers.
    let done = unsafe { libc::setpriority(which as _, who, priority as i32) } == 0;
    if !done {
        set_last_errno();
    }
    ret.set_bool(done);
    Ok(())
}

/// `getPriority(int $which, ?int $who = null): int|false`
pub fn get_priority(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(1, 2)?;
    let which = args.long()?;
    let who = args.opt_long_or_null()?;
    let Some(who) = whom(call, ret, which, who)? else { return Ok(()) };
    // SAFETY: getpriority(2) on numbers; -1 may be an answer, so errno tells.
    let (priority, errno) = unsafe {
        *libc::__errno_location() = 0;
        let priority = libc::getpriority(which as _, who);
        (priority, *libc::__errno_location())
    };
    if priority == -1 && errno != 0 {
        set_last(Code(errno));
        ret.set_bool(false);
    } else {
        ret.set_long(i64::from(priority));
    }
    Ok(())
}
