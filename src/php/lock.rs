//! Swoole\Lock.

use std::cell::OnceCell;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::time::Duration;

use memory::lock::{FileLock, LockError, Mode, Mutex, Patience, RwLock, SpinLock};

use crate::php::error::{constructed_twice, no_memory, not_constructed, swoole_exception};
use crate::zend::{
    Args, Call, ClassEntry, ClassState, Handlers, ObjectExt, PhpResult, Value, Zval, ZvalExt, class_state, state_of,
};

/// Values of the constructor's `$type`.
const RWLOCK: i64 = 1;
const FILELOCK: i64 = 2;
const MUTEX: i64 = 3;
const SEM: i64 = 4;
const SPINLOCK: i64 = 5;

/// PHP's LOCK_* bits.
const LOCK_SH: i64 = 1;
const LOCK_EX: i64 = 2;
const LOCK_NB: i64 = 4;

/// Number of the declared property.
const ERR_CODE: u32 = 0;

enum Lock {
    Mutex(Mutex),
    RwLock(RwLock),
    Spin(SpinLock),
    File(FileLock),
}

impl Lock {
    #[inline]
    fn lock(&self, mode: Mode, patience: Patience) -> Result<(), LockError> {
        match self {
            Lock::Mutex(lock) => lock.lock(patience),
            Lock::RwLock(lock) => lock.lock(mode, patience),
            Lock::Spin(lock) => lock.lock(patience),
            Lock::File(lock) => lock.lock(mode, patience),
        }
    }

    #[inline]
    fn unlock(&self) -> Result<(), LockError> {
        match self {
            Lock::Mutex(lock) => lock.unlock(),
            Lock::RwLock(lock) => lock.unlock(),
            Lock::Spin(lock) => lock.unlock(),
            Lock::File(lock) => return lock.unlock(),
        }
        Ok(())
    }
}

#[derive(Default)]
pub struct State(OnceCell<Lock>);

static HANDLERS: Handlers = Handlers::new();

impl ClassState for State {
    fn handlers() -> &'static Handlers {
        &HANDLERS
    }
}

pub fn class_init(class: &mut ClassEntry) {
    class_state::<State>(class);
    memory::owner::on_takeover(log_takeover);
    // What programs for older versions call; they are told apart by the name they were called by.
    for name in [c"lock_read", c"trylock", c"trylock_read", c"lockwait"] {
        crate::zend::object::older_method::<State>(class, name, c"lock");
    }
}

/// Tells the log of locks taken over. Runs while the lock is held: no PHP.
pub(crate) fn log_takeover(kind: memory::owner::Kind, dead: memory::owner::Dead) {
    use memory::owner::Kind;
    let what = match kind {
        Kind::Row => "row lock",
        Kind::Mutex => "mutex",
        Kind::RwLock => "read-write lock",
        Kind::Spin => "spin lock",
    };
    tracing::warn!("the {what} of process {}, which died, was taken over", dead.pid);
}

#[inline]
fn lock_of(call: &Call) -> PhpResult<&'static Lock> {
    // SAFETY: the handlers of this class and its children only.
    let state = unsafe { state_of::<State>(call.this()) };
    state.0.get().ok_or_else(|| not_constructed("Swoole\\Lock"))
}

pub fn construct(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    // SAFETY: as above.
    let state = unsafe { state_of::<State>(call.this()) };
    if state.0.get().is_some() {
        return Err(constructed_twice(call));
    }
    let mut args = call.args(0, 2)?;
    let kind = args.opt_long()?.unwrap_or(MUTEX);
    let path = args.opt_bytes()?.filter(|path| !path.is_empty());
    let lock = match kind {
        // A semaphore of one is a mutex.
        MUTEX | SEM => Lock::Mutex(Mutex::new().map_err(no_memory)?),
        RWLOCK => Lock::RwLock(RwLock::new().map_err(no_memory)?),
        SPINLOCK => Lock::Spin(SpinLock::new().map_err(no_memory)?),
        FILELOCK => match FileLock::new(path.map(|path| Path::new(OsStr::from_bytes(path)))) {
            Ok(lock) => Lock::File(lock),
            Err(error) => {
                let code = i64::from(error.errno());
                return Err(swoole_exception(code, "cannot open the file of the lock"));
            }
        },
        _ => return Err(swoole_exception(kind, "this type of lock is not supported")),
    };
    let _ = state.0.set(lock);
    Ok(())
}

/// The operation and the time-out in seconds.
fn wanted(call: &Call, mut args: Args) -> PhpResult<(i64, f64)> {
    Ok(match call.function_name() {
        b"lock_read" => (LOCK_SH, -1.0),
        b"trylock" => (LOCK_EX | LOCK_NB, -1.0),
        b"trylock_read" => (LOCK_SH | LOCK_NB, -1.0),
        b"lockwait" => (LOCK_EX, args.opt_double()?.unwrap_or(1.0)),
        _ => (args.opt_long()?.unwrap_or(LOCK_EX), args.opt_double()?.unwrap_or(-1.0)),
    })
}

#[inline]
pub fn lock(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let args = call.args(0, 2)?;
    let (operation, timeout) =
        if args.left() == 0 && call.function_name().len() == b"lock".len() { (LOCK_EX, -1.0) } else { wanted(call, args)? };
    let lock = lock_of(call)?;
    let mode = if operation & LOCK_SH != 0 { Mode::Shared } else { Mode::Exclusive };
    let patience = if operation & LOCK_NB != 0 {
        Patience::Try
    } else if timeout > 0.0 {
        Duration::try_from_secs_f64(timeout).map_or(Patience::Forever, Patience::within)
    } else {
        Patience::Forever
    };
    let taken = lock.lock(mode, patience);
    finish(call, ret, taken);
    Ok(())
}

#[inline]
pub fn unlock(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    let freed = lock_of(call)?.unlock();
    finish(call, ret, freed);
    Ok(())
}

#[inline]
fn finish(call: &Call, ret: &mut Zval, result: Result<(), LockError>) {
    ret.give_bool(result.is_ok());
    if let Err(error) = result {
        call.this().slot(ERR_CODE).assign(Value::long(i64::from(error.errno())));
    }
}
