//! Swoole\Coroutine\Lock: one holder at a time, among coroutines, or with `$shared` among processes as well.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::VecDeque;
use std::ptr::NonNull;
use std::rc::Rc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use coroutine::{CoId, Engine, Task, Wake, engine};

use crate::php::code::Code;
use crate::php::error::not_constructed;
use crate::zend::error::{Builtin, check, throw_builtin};
use crate::zend::{Call, ClassEntry, ClassState, Handlers, ObjectExt, PhpResult, ZendObject, Zval, class_state, state_of};

/// A word that forked processes share.
struct Shared(NonNull<AtomicU32>);

impl Shared {
    const SIZE: usize = 4096;

    fn new() -> Option<Self> {
        let (access, kind) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_SHARED | libc::MAP_ANONYMOUS);
        // SAFETY: a new mapping of its own (mmap(2)), zeroed, aligned to a page.
        let memory = unsafe { libc::mmap(std::ptr::null_mut(), Self::SIZE, access, kind, -1, 0) };
        if memory == libc::MAP_FAILED { None } else { NonNull::new(memory.cast()).map(Self) }
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        // SAFETY: the mapping made in `new`.
        unsafe { libc::munmap(self.0.as_ptr().cast(), Self::SIZE) };
    }
}

enum Word {
    Own(AtomicU32),
    Shared(Shared),
}

impl Word {
    fn get(&self) -> &AtomicU32 {
        match self {
            Self::Own(word) => word,
            // SAFETY: mapped as long as `self` lives.
            Self::Shared(shared) => unsafe { shared.0.as_ref() },
        }
    }
}

#[derive(Default)]
pub struct State {
    word: OnceCell<Word>,
    /// The coroutine of this process that holds it.
    holder: Cell<Option<CoId>>,
    waiters: Rc<RefCell<VecDeque<(CoId, u32)>>>,
}

static HANDLERS: Handlers = Handlers::new();

impl ClassState for State {
    fn handlers() -> &'static Handlers {
        &HANDLERS
    }
}

pub fn class_init(class: &mut ClassEntry) {
    class_state::<State>(class);
}

/// `LOCK_NB`.
const NO_WAIT: i64 = 4;
/// How long another process's lock is waited for before the next look.
const FIRST_NAP: Duration = Duration::from_millis(1);
const LONGEST_NAP: Duration = Duration::from_millis(100);

fn state(object: &ZendObject) -> PhpResult<(&'static State, &'static AtomicU32)> {
    // SAFETY: the handlers of this class and its children only.
    let state = unsafe { state_of::<State>(object) };
    match state.word.get() {
        Some(word) => Ok((state, word.get())),
        None => Err(not_constructed("Swoole\\Coroutine\\Lock")),
    }
}

pub fn construct(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    // SAFETY: as above.
    let state = unsafe { state_of::<State>(call.this()) };
    if state.word.get().is_some() {
        return Err(throw_builtin(Builtin::Error, "Constructor of Swoole\\Coroutine\\Lock can only be called once"));
    }
    let word = if call.args(0, 1)?.opt_bool()?.unwrap_or(false) {
        match Shared::new() {
            Some(shared) => Word::Shared(shared),
            None => return Err(crate::php::error::exception("no shared memory for a lock")),
        }
    } else {
        Word::Own(AtomicU32::new(0))
    };
    let _ = state.word.set(word);
    Ok(())
}

fn answer(this: &mut ZendObject, ret: &mut Zval, result: Result<(), i32>) -> PhpResult {
    // $errCode keeps what the last failure left.
    if let Err(code) = result {
        this.slot(0).set_long(i64::from(code));
        crate::php::code::set_last(Code(code));
    }
    ret.set_bool(result.is_ok());
    check()
}

fn outside() -> Result<(), i32> {
    tracing::warn!("The coroutine lock can only be used in a coroutine environment");
    Err(Code::CO_OUT_OF_COROUTINE.0)
}

/// `lock(int $operation = LOCK_EX): bool`
pub fn lock(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let operation = call.args(0, 1)?.opt_long()?.unwrap_or(2);
    let this = call.this();
    let (state, word) = state(this)?;
    let result = acquire(state, word, operation & NO_WAIT == 0);
    answer(call.this(), ret, result)
}

fn acquire(state: &State, word: &AtomicU32, wait: bool) -> Result<(), i32> {
    let Some((engine, me)) = engine().and_then(|engine| Some((engine, engine.current_id()?))) else { return outside() };
    if state.holder.get() == Some(me) {
        return Ok(());
    }
    let mut nap = FIRST_NAP;
    while word.compare_exchange(0, 1, Ordering::Acquire, Ordering::Relaxed).is_err() {
        if !wait {
            return Err(libc::EBUSY);
        }
        // Held in this process: its unlock wakes us. Held in another: look again from time to time.
        let limit = if state.holder.get().is_some() { None } else { Some(nap) };
        let Some(entry) = engine.next_wait() else { return outside() };
        state.waiters.borrow_mut().push_back(entry);
        let wake = coroutine::suspend_for(limit, Task::Wait);
        state.waiters.borrow_mut().retain(|other| *other != entry);
        if wake == Wake::Canceled {
            return Err(Code::CO_CANCELED.0);
        }
        nap = (nap * 2).min(LONGEST_NAP);
    }
    state.holder.set(Some(me));
    Ok(())
}

/// At the end of the turn, the first that still waits tries again: who was to be woken may have been
/// cancelled by then.
fn wake_next(engine: &'static Engine, waiters: Rc<RefCell<VecDeque<(CoId, u32)>>>) {
    crate::php::event::defer_native(move || {
        loop {
            let next = waiters.borrow_mut().pop_front();
            match next {
                Some((id, seq)) if !engine.wake_if(id, seq, Wake::Resumed) => {}
                _ => return,
            }
        }
    });
}

/// `unlock(): bool`
pub fn unlock(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    let this = call.this();
    let (state, word) = state(this)?;
    let result = match engine().filter(|engine| engine.current().is_some()) {
        None => outside(),
        Some(engine) => {
            state.holder.set(None);
            word.store(0, Ordering::Release);
            if !state.waiters.borrow().is_empty() {
                wake_next(engine, Rc::clone(&state.waiters));
            }
            Ok(())
        }
    };
    answer(this, ret, result)
}
