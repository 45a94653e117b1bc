//! The engine of a thread: live coroutines, the switch, and the loop that wakes them.

use std::cell::{Cell, RefCell, UnsafeCell};
use std::collections::{HashMap, VecDeque};
use std::io;
use std::mem::{ManuallyDrop, MaybeUninit};
use std::os::fd::RawFd;
use std::ptr;
use std::rc::Rc;
use std::sync::atomic::{AtomicPtr, AtomicU32, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use corosensei::stack::{Stack, StackPointer};
use corosensei::{Coroutine, CoroutineResult, Yielder};
use reactor::{Interest, Reactor, Readiness, Sink, TimerId, WaitError};

use crate::stack::{Region, StackPool};
use crate::table::Table;

/// Counts up from 1 in a process and is never used twice.
pub type CoId = i64;

/// Bytes of host data (PHP's VM state) beside each coroutine.
pub const LOCAL_SIZE: usize = 640;
/// Bytes on top of each stack that the host may use as it likes (PHP's first VM stack page), from low to
/// high. It begins inside the page that also holds the coroutine's record and the top of its C stack, so
/// that a small coroutine touches one page of memory and no more; the two pages above wait untouched.
pub const VM_PAGE: usize = 1536 + 2 * 4096;

/// Host data of one coroutine, or of the main context. The engine never looks inside.
#[repr(C, align(16))]
pub struct Local(UnsafeCell<MaybeUninit<[u8; LOCAL_SIZE]>>);

impl Local {
    pub fn as_ptr(&self) -> *mut u8 {
        self.0.get().cast()
    }
}

/// What the language above supplies. All methods run on the engine's thread.
pub trait Host {
    /// What saves the language's state into its first argument and loads it from the second. Both are live
    /// and were initialised by [`Host::enter`] or are the main context's.
    fn switch(&self) -> SwitchFn;
    /// Prepares `local` for a new coroutine; `page` has [`VM_PAGE`] bytes.
    ///
    /// # Safety
    /// `local` has [`LOCAL_SIZE`] bytes and belongs to the new coroutine, as `page` does.
    unsafe fn enter(&self, local: *mut u8, page: *mut u8);
    /// The coroutine has ended and is no longer current: frees what `local` holds.
    ///
    /// # Safety
    /// Called once per [`Host::enter`], never after an abort.
    unsafe fn leave(&self, local: *mut u8);
    /// The current coroutine goes on after a wait that is to end with an exception.
    fn raise(&self, _what: Raise) {}
    /// A timer made with [`Engine::host_timer`].
    fn timer(&self, token: u64);
    /// A token posted with [`Engine::host_post`], or woken through the reactor's waker with the host tag.
    fn posted(&self, _token: u64) {}
    fn signal(&self, signo: i32, info: &libc::signalfd_siginfo);
    fn interrupted(&self) {}
    fn deferred(&self) {}
    fn has_deferred(&self) -> bool {
        false
    }
    /// Takes a wait that is to end in its turn among what the host itself has deferred.
    fn defer_wake(&self, _wait: (CoId, u32)) -> bool {
        false
    }
    fn cycle(&self) {}
    /// A turn begins.
    fn before_wait(&self) {}
    /// What the host itself has under way that should keep the loop alive.
    fn busy(&self) -> bool {
        false
    }
}

/// A level-triggered user of the loop: a listening socket, a connection, a script's fd.
pub trait Source {
    fn ready(&self, fd: RawFd, ready: Readiness);
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SourceId(pub u64);

/// How a coroutine's body ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Done,
    /// A fatal error: the whole request ends, no coroutine runs any more.
    Abort,
}

/// Some coroutine ended the request: unwind to the outermost frame and bail out there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the request was aborted inside a coroutine")]
pub struct Aborted;

#[derive(Debug, thiserror::Error)]
pub enum SpawnError {
    #[error("too many coroutines, limit is {0}")]
    Limit(usize),
    #[error("no memory for a coroutine's stack: {0}")]
    Stack(#[from] io::Error),
    #[error(transparent)]
    Aborted(#[from] Aborted),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Running,
    /// Resumed another coroutine and waits for that to yield.
    Nested,
    Waiting,
    Ended,
}

/// Why a wait ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wake {
    /// By `resume`, a channel, a pool operation: what the waiter waited for.
    Resumed,
    Ready(Readiness),
    Timeout,
    Canceled,
    /// The fd was closed by somebody else.
    Closed,
}

/// The exception that awaits a coroutine where it goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Raise {
    Canceled,
    /// Its time limit has passed.
    TimedOut,
}

/// What became of [`Engine::end_wait`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cancel {
    /// The wait has ended, and the coroutine run until its next one.
    Done,
    /// It will meet the exception when its present wait ends by itself.
    Later,
    /// It does not wait, or for something that must not be interrupted.
    Refused,
    /// The same exception awaits it already.
    Twice,
    NotFound,
}

/// How the current coroutine is to be woken; decides what [`Engine::cancel`] and `resume` may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// `Coroutine::yield()`: anybody may resume it.
    Yield,
    /// I/O, timers, channels: only its event, or a cancel.
    Wait,
    /// Something that borrows memory of ours (a pool operation): not even a cancel.
    Fixed,
}

/// See [`Host::switch`].
pub type SwitchFn = unsafe extern "C" fn(from: *mut u8, to: *mut u8);

pub type Body = unsafe fn(co: &Co, argument: *mut u8) -> Outcome;

type Switch = Coroutine<(), (), Outcome, Region>;

/// One coroutine. Lives on its own stack's top, below the VM page.
#[repr(C)]
pub struct Co {
    pub(crate) id: CoId,
    parent: CoId,
    state: Cell<State>,
    task: Cell<Task>,
    wake: Cell<Wake>,
    canceled: Cell<bool>,
    raise: Cell<Option<Raise>>,
    no_suspend: Cell<u32>,
    /// Counts waits, so that a queue entry of an earlier wait is known to be stale.
    seq: Cell<u32>,
    started: Cell<u64>,
    /// The preemption clock when it last began to run.
    slice: Cell<u32>,
    preemptible: Cell<bool>,
    yielder: Cell<*const Yielder<(), ()>>,
    resumer: Cell<*mut Co>,
    switch: UnsafeCell<ManuallyDrop<Switch>>,
    joiners: RefCell<Vec<(CoId, u32)>>,
    local: Local,
}

impl Co {
    pub fn id(&self) -> CoId {
        self.id
    }

    /// The coroutine that made this one; −1 for the main context's children.
    pub fn parent(&self) -> CoId {
        self.parent
    }

    pub fn local(&self) -> *mut u8 {
        self.local.as_ptr()
    }

    pub fn state(&self) -> State {
        self.state.get()
    }

    pub fn is_canceled(&self) -> bool {
        self.canceled.get()
    }

    pub fn set_canceled(&self, on: bool) {
        self.canceled.set(on);
    }

    pub fn is_yielding(&self) -> bool {
        self.state.get() == State::Waiting && self.task.get() == Task::Yield
    }

    /// Identifies the wait under way; see [`Engine::wake_if`].
    pub fn wait_seq(&self) -> u32 {
        self.seq.get()
    }

    pub fn is_preemptible(&self) -> bool {
        self.preemptible.get()
    }

    /// Whether it may be interrupted; tells what was.
    pub fn set_preemptible(&self, on: bool) -> bool {
        self.preemptible.replace(on)
    }

    /// Whether another coroutine waits for its end.
    pub fn is_joined(&self) -> bool {
        !self.joiners.borrow().is_empty()
    }

    /// Milliseconds since it was made.
    pub fn elapsed_ms(&self) -> u64 {
        monotonic_ns().saturating_sub(self.started.get()) / 1_000_000
    }

    /// Bytes of C stack between its top and `here`.
    pub fn stack_used(&self, here: *const u8) -> usize {
        (ptr::from_ref(self) as usize).saturating_sub(here as usize)
    }
}

// SAFETY: `base` and `limit` are the bounds of a mapping that this Region owns; it has a guard page, or
// the pool counts and tells it as unguarded (see stack.rs).
unsafe impl Stack for Region {
    fn base(&self) -> StackPointer {
        let base = self.high() as usize - VM_PAGE - size_of::<Co>();
        // INVARIANT: a mapping never lies at address 0.
        StackPointer::new(base & !15).unwrap_or(StackPointer::MAX)
    }

    fn limit(&self) -> StackPointer {
        // INVARIANT: as above.
        StackPointer::new(self.low() as usize).unwrap_or(StackPointer::MIN)
    }
}

fn co_of(region: &Region) -> *mut Co {
    region.base().get() as *mut Co
}

/// Nanoseconds of CLOCK_MONOTONIC as of the last tick: for ages of coroutines, where 4 ms do not matter.
fn coarse_ns() -> u64 {
    clock(libc::CLOCK_MONOTONIC_COARSE)
}

fn monotonic_ns() -> u64 {
    clock(libc::CLOCK_MONOTONIC)
}

fn clock(id: libc::clockid_t) -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: writes one timespec; both clocks exist on every Linux (clock_gettime(2)).
    unsafe { libc::clock_gettime(id, &mut time) };
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}

const TAG_CO: u64 = 0;
const TAG_HOST: u64 = 1;
const TAG_CALL: u64 = 2;
const TAG_OPERATION: u64 = 3;
const TAG_BITS: u32 = 2;

/// The preemption clock in milliseconds; stands still unless a thread of the host turns it, see [`tick`].
static CLOCK: AtomicU32 = AtomicU32::new(0);

fn clock_ms() -> u32 {
    (monotonic_ns() / 1_000_000) as u32
}

/// Sets the preemption clock; from any thread.
pub fn tick() {
    CLOCK.store(clock_ms(), Ordering::Relaxed);
}

type Call = Box<dyn FnOnce()>;

/// The engine of one thread.
pub struct Engine {
    host: &'static dyn Host,
    /// Of `host`, fetched once: it runs twice a switch.
    switch: SwitchFn,
    /// The host has promised to run the loop when the script ends.
    promised: Cell<bool>,
    /// Null until first needed; a box of ours otherwise.
    reactor: Cell<*mut Reactor>,
    stacks: StackPool,
    table: RefCell<Table>,
    current: Cell<*mut Co>,
    main: Local,
    last_id: Cell<CoId>,
    live: Cell<usize>,
    peak: Cell<usize>,
    limit: Cell<usize>,
    aborted: Cell<bool>,
    no_suspend: Cell<u32>,
    /// Operations of other threads under way: the wait each of them ends.
    operations: RefCell<HashMap<u64, (CoId, u32)>>,
    last_operation: Cell<u64>,
    posted: Cell<usize>,
    sources: RefCell<Vec<Option<Rc<dyn Source>>>>,
    free_sources: RefCell<Vec<usize>>,
    calls: RefCell<Vec<Option<Call>>>,
    free_calls: RefCell<Vec<usize>>,
    stop: Cell<bool>,
    looping: Cell<bool>,
    switches: Cell<u64>,
    /// Waits that end at the turn's end.
    late: RefCell<VecDeque<(CoId, u32)>>,
}

thread_local! {
    static ENGINE: Cell<*const Engine> = const { Cell::new(ptr::null()) };
    /// Takes a thread that ends out of the fast slot: its thread pointer may be given to another.
    static LEAVE: Leave = const { Leave };
}

/// The first thread that made an engine, and that engine: for it, [`engine`] costs no call into the
/// dynamic linker (a tenth of a switch otherwise, as a shared object's thread-locals are looked up).
static FAST_THREAD: AtomicUsize = AtomicUsize::new(0);
static FAST_ENGINE: AtomicPtr<Engine> = AtomicPtr::new(ptr::null_mut());

struct Leave;

impl Drop for Leave {
    fn drop(&mut self) {
        let _ = FAST_THREAD.compare_exchange(thread_pointer(), 0, Ordering::Relaxed, Ordering::Relaxed);
    }
}

/// What tells the threads of a process apart in one instruction: the address of the thread's control block.
#[inline(always)]
fn thread_pointer() -> usize {
    let pointer: usize;
    #[cfg(target_arch = "x86_64")]
    // SAFETY: the x86-64 ABI keeps the control block's own address in its first word, at fs:0.
    unsafe {
        std::arch::asm!("mov {}, fs:0", out(reg) pointer, options(pure, readonly, nostack, preserves_flags));
    }
    #[cfg(target_arch = "aarch64")]
    // SAFETY: reads the thread pointer register.
    unsafe {
        std::arch::asm!("mrs {}, tpidr_el0", out(reg) pointer, options(pure, readonly, nostack, preserves_flags));
    }
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    {
        pointer = 0;
    }
    pointer
}

/// Makes the engine of this thread; the second call is ignored. It lives as long as the process.
pub fn install(host: &'static dyn Host, stack_size: usize) {
    ENGINE.with(|slot| {
        if slot.get().is_null() {
            let engine: *mut Engine = Box::leak(Box::new(Engine::new(host, stack_size)));
            slot.set(engine);
            LEAVE.with(|_| ());
            // 1 is no thread's address: it claims the slot while the engine is put in.
            if FAST_THREAD.compare_exchange(0, 1, Ordering::Acquire, Ordering::Relaxed).is_ok() {
                FAST_ENGINE.store(engine, Ordering::Relaxed);
                FAST_THREAD.store(thread_pointer(), Ordering::Release);
            }
        }
    });
}

/// The engine of this thread; none on threads that never called [`install`].
#[inline(always)]
pub fn engine() -> Option<&'static Engine> {
    let thread = thread_pointer();
    if thread != 0 && FAST_THREAD.load(Ordering::Relaxed) == thread {
        // SAFETY: this thread itself stored both, the engine first, to a leaked box; nobody else may while
        // our number is in the slot.
        return unsafe { FAST_ENGINE.load(Ordering::Relaxed).as_ref() };
    }
    thread_engine()
}

#[cold]
fn thread_engine() -> Option<&'static Engine> {
    // SAFETY: set once by `install` to a leaked box.
    ENGINE.with(|slot| unsafe { slot.get().as_ref() })
}

impl Engine {
    fn new(host: &'static dyn Host, stack_size: usize) -> Self {
        Self {
            host,
            switch: host.switch(),
            promised: Cell::new(false),
            reactor: Cell::new(ptr::null_mut()),
            stacks: StackPool::new(stack_size),
            table: RefCell::new(Table::new()),
            current: Cell::new(ptr::null_mut()),
            main: Local(UnsafeCell::new(MaybeUninit::zeroed())),
            last_id: Cell::new(0),
            live: Cell::new(0),
            peak: Cell::new(0),
            limit: Cell::new(100_000),
            aborted: Cell::new(false),
            no_suspend: Cell::new(0),
            operations: RefCell::new(HashMap::new()),
            last_operation: Cell::new(0),
            posted: Cell::new(0),
            sources: RefCell::new(Vec::new()),
            free_sources: RefCell::new(Vec::new()),
            calls: RefCell::new(Vec::new()),
            free_calls: RefCell::new(Vec::new()),
            stop: Cell::new(false),
            looping: Cell::new(false),
            switches: Cell::new(0),
            late: RefCell::new(VecDeque::new()),
        }
    }

    /// The loop of this thread, made on first need.
    ///
    /// # Errors
    /// The kernel's, where it gives no epoll instance.
    pub fn reactor(&self) -> io::Result<&Reactor> {
        if let Some(reactor) = self.loop_made() {
            return Ok(reactor);
        }
        self.reactor.set(Box::into_raw(Box::new(Reactor::new()?)));
        self.loop_made().ok_or_else(|| io::Error::from_raw_os_error(libc::ENOMEM))
    }

    /// The loop, if it was needed before.
    fn loop_made(&self) -> Option<&Reactor> {
        // SAFETY: null, or a box that is freed by `end_loop` only, when nobody is inside the loop.
        unsafe { self.reactor.get().as_ref() }
    }

    pub fn has_reactor(&self) -> bool {
        self.loop_made().is_some()
    }

    pub fn stacks(&self) -> &StackPool {
        &self.stacks
    }

    pub fn main_local(&self) -> *mut u8 {
        self.main.as_ptr()
    }

    /// Coroutines alive.
    pub fn live(&self) -> usize {
        self.live.get()
    }

    /// The most that were alive at once.
    pub fn peak(&self) -> usize {
        self.peak.get()
    }

    pub fn last_id(&self) -> CoId {
        self.last_id.get()
    }

    /// Most coroutines alive at once (`max_coroutine`).
    pub fn set_limit(&self, most: usize) {
        self.limit.set(most);
    }

    pub fn limit(&self) -> usize {
        self.limit.get()
    }

    #[inline]
    pub fn current(&self) -> Option<&Co> {
        // SAFETY: `current` is null or the coroutine whose stack we are on.
        unsafe { self.current.get().as_ref() }
    }

    #[inline]
    pub fn current_id(&self) -> Option<CoId> {
        self.current().map(Co::id)
    }

    /// Whether the caller may suspend: in a coroutine, outside every no-suspend section.
    #[inline]
    pub fn can_suspend(&self) -> bool {
        self.current().is_some_and(|co| co.no_suspend.get() == 0) && self.no_suspend.get() == 0
    }

    /// Enters (+1) or leaves (−1) a section in which the current coroutine must not suspend.
    pub fn no_suspend(&self, step: i32) {
        let counter = self.current().map_or(&self.no_suspend, |co| &co.no_suspend);
        counter.set(counter.get().saturating_add_signed(step));
    }

    /// The depth of no-suspend sections, to be restored after a jump out of them.
    pub fn no_suspend_depth(&self) -> u32 {
        self.current().map_or(&self.no_suspend, |co| &co.no_suspend).get()
    }

    pub fn restore_no_suspend(&self, depth: u32) {
        self.current().map_or(&self.no_suspend, |co| &co.no_suspend).set(depth);
    }

    pub fn find(&self, id: CoId) -> Option<&Co> {
        // SAFETY: the table holds live coroutines only.
        self.table.borrow().get(id).map(|co| unsafe { &*co })
    }

    /// Ids of the live coroutines, ascending.
    pub fn ids(&self) -> Vec<CoId> {
        // SAFETY: as above.
        let mut ids: Vec<CoId> = self.table.borrow().iter().map(|co| unsafe { (*co).id }).collect();
        ids.sort_unstable();
        ids
    }

    /// Resume pairs so far, for statistics.
    pub fn switches(&self) -> u64 {
        self.switches.get()
    }

    /// Runs `body` in a new coroutine at once, until it first suspends; its id.
    ///
    /// # Safety
    /// `argument` is valid for `body` until its first suspension.
    ///
    /// # Errors
    /// At the limit, with no stack to be had, or when the body aborted the request.
    pub unsafe fn spawn(&self, body: Body, argument: *mut u8) -> Result<CoId, SpawnError> {
        let live = self.live.get();
        if live >= self.limit.get() {
            return Err(SpawnError::Limit(self.limit.get()));
        }
        let region = self.stacks.take()?;
        let page = region.high().wrapping_sub(VM_PAGE);
        let co = co_of(&region);
        let id = self.last_id.get() + 1;
        self.last_id.set(id);
        let parent = self.current_id().unwrap_or(-1);
        // SAFETY: `run` reads `co` and `argument`, both valid until the coroutine first suspends and, for
        // `co`, until it ended; the stack cannot end before the coroutine does.
        let switch = unsafe {
            Switch::with_stack_unchecked(region, move |yielder: &Yielder<(), ()>, ()| {
                (*co).yielder.set(yielder);
                body(&*co, argument)
            })
        };
        // SAFETY: `co` is the reserved room between stack base and VM page (see `Stack for Region`).
        unsafe {
            co.write(Co {
                id,
                parent,
                state: Cell::new(State::Running),
                task: Cell::new(Task::Wait),
                wake: Cell::new(Wake::Resumed),
                canceled: Cell::new(false),
                raise: Cell::new(None),
                slice: Cell::new(0),
                preemptible: Cell::new(true),
                no_suspend: Cell::new(0),
                seq: Cell::new(0),
                started: Cell::new(coarse_ns()),
                yielder: Cell::new(ptr::null()),
                resumer: Cell::new(ptr::null_mut()),
                switch: UnsafeCell::new(ManuallyDrop::new(switch)),
                joiners: RefCell::new(Vec::new()),
                local: Local(UnsafeCell::new(MaybeUninit::uninit())),
            });
            self.host.enter((*co).local(), page);
        }
        self.table.borrow_mut().insert(id, co);
        self.live.set(live + 1);
        if live + 1 > self.peak.get() {
            self.peak.set(live + 1);
        }
        self.run_until_yield(co)?;
        Ok(id)
    }

    #[inline]
    fn run_until_yield(&self, co: *mut Co) -> Result<(), Aborted> {
        let previous = self.current.get();
        // SAFETY: `co` is live and not running (callers checked its state); `previous` is null or the
        // coroutine whose stack we are on.
        let ended = unsafe {
            let from = match previous.as_ref() {
                Some(previous) => {
                    previous.state.set(State::Nested);
                    previous.local()
                }
                None => self.main.as_ptr(),
            };
            (*co).state.set(State::Running);
            (*co).slice.set(CLOCK.load(Ordering::Relaxed));
            (*co).resumer.set(previous);
            (self.switch)(from, (*co).local());
            self.current.set(co);
            let result = (*(*co).switch.get()).resume(());
            self.current.set(previous);
            if let Some(previous) = previous.as_ref() {
                previous.state.set(State::Running);
            }
            (self.switch)((*co).local(), from);
            match result {
                CoroutineResult::Yield(()) => None,
                CoroutineResult::Return(outcome) => Some(outcome),
            }
        };
        match ended {
            None if self.aborted.get() => Err(Aborted),
            None => Ok(()),
            Some(Outcome::Done) => {
                self.finish(co);
                if self.aborted.get() { Err(Aborted) } else { Ok(()) }
            }
            Some(Outcome::Abort) => {
                self.abort();
                Err(Aborted)
            }
        }
    }

    fn finish(&self, co: *mut Co) {
        // SAFETY: the coroutine has returned; nobody runs on its stack, and it leaves the table first.
        unsafe {
            let id = (*co).id;
            (*co).state.set(State::Ended);
            self.table.borrow_mut().remove(id);
            self.live.set(self.live.get() - 1);
            self.host.leave((*co).local());
            let joiners = (*co).joiners.take();
            let switch = ManuallyDrop::take(&mut *(*co).switch.get());
            self.stacks.give(switch.into_stack());
            for joiner in joiners {
                self.wake_at_end(joiner);
            }
        }
    }

    /// Marks the request as ended: no coroutine runs any more.
    pub fn abort(&self) {
        self.aborted.set(true);
    }

    pub fn is_aborted(&self) -> bool {
        self.aborted.get()
    }

    /// Forgets every coroutine without unwinding it: at the end of an aborted request, or in a forked
    /// child. Their stacks go back to the pool.
    pub fn forget_all(&self) {
        let all: Vec<*mut Co> = self.table.borrow().iter().collect();
        for co in all {
            if co == self.current.get() {
                continue;
            }
            // SAFETY: not current, hence suspended or nested in an aborted chain: never resumed again, its
            // frames are abandoned as the engine's contract says.
            unsafe {
                self.table.borrow_mut().remove((*co).id);
                let mut switch = ManuallyDrop::take(&mut *(*co).switch.get());
                if !switch.done() && switch.started() {
                    switch.force_reset();
                }
                self.stacks.give(switch.into_stack());
            }
        }
        self.live.set(usize::from(!self.current.get().is_null()));
    }

    /// Suspends the current coroutine until somebody wakes it. The caller has arranged the waking.
    #[inline]
    pub fn suspend(&self, task: Task) -> Wake {
        let co = self.current.get();
        // SAFETY: callers suspend only in a coroutine; its yielder lives at the root of this very stack.
        unsafe {
            let Some(co) = co.as_ref() else { return Wake::Canceled };
            co.task.set(task);
            co.state.set(State::Waiting);
            co.canceled.set(false);
            co.seq.set(co.seq.get().wrapping_add(1));
            // Where errno lives does not change: a coroutine never leaves its thread.
            let errno = libc::__errno_location();
            let saved = *errno;
            (*co.yielder.get()).suspend(());
            *errno = saved;
            co.seq.set(co.seq.get().wrapping_add(1));
            if let Some(what) = co.raise.take() {
                self.host.raise(what);
            }
            co.wake.get()
        }
    }

    /// Runs a waiting coroutine now, nested in the caller, until it suspends again.
    ///
    /// # Errors
    /// When it aborted the request.
    #[inline]
    pub fn resume(&self, id: CoId, wake: Wake) -> Result<bool, Aborted> {
        let found = self.table.borrow().get(id);
        let Some(co) = found else { return Ok(false) };
        // SAFETY: found in the table.
        unsafe {
            if (*co).state.get() != State::Waiting {
                return Ok(false);
            }
            (*co).wake.set(wake);
        }
        self.switches.set(self.switches.get() + 1);
        self.run_until_yield(co)?;
        Ok(true)
    }

    /// Resumes a coroutine that has yielded; false when it waits for something else or is not there.
    ///
    /// # Errors
    /// When it aborted the request.
    #[inline]
    pub fn resume_yielding(&self, id: CoId) -> Result<bool, Aborted> {
        let found = self.table.borrow().get(id);
        // SAFETY: found in the table.
        let Some(co) = found.filter(|co| unsafe { (**co).is_yielding() }) else { return Ok(false) };
        // SAFETY: as above.
        unsafe { (*co).wake.set(Wake::Resumed) };
        self.switches.set(self.switches.get() + 1);
        self.run_until_yield(co)?;
        Ok(true)
    }

    /// Whether the host has already promised to run the loop; from now on it has.
    #[inline]
    pub fn promise(&self) -> bool {
        self.promised.replace(true)
    }

    /// Whether the loop is in use, and somebody will run it.
    pub fn is_promised(&self) -> bool {
        self.promised.get()
    }

    /// The loop has run to its end.
    pub fn end_promise(&self) {
        self.promised.set(false);
    }

    /// A new request: nothing is promised, nothing aborted.
    pub fn new_request(&self) {
        self.promised.set(false);
        self.aborted.set(false);
        self.no_suspend.set(0);
    }

    /// Wakes `id` if it still is in wait `seq` (see [`Co::wait_seq`] plus one while it waits); at once.
    pub fn wake_if(&self, id: CoId, seq: u32, wake: Wake) -> bool {
        match self.find(id) {
            Some(co) if co.seq.get() == seq && co.state.get() == State::Waiting => self.resume(id, wake).unwrap_or(true),
            _ => false,
        }
    }

    /// Wakes a waiting coroutine from the run queue, in this turn of the loop or the next.
    pub fn wake_later(&self, id: CoId) {
        if let Ok(reactor) = self.reactor() {
            self.posted.set(self.posted.get() + 1);
            reactor.post((id as u64) << TAG_BITS | TAG_CO);
        }
    }

    /// Wakes wait `seq` of `id` at the end of this turn of the loop, or of the next.
    pub fn wake_at_end(&self, wait: (CoId, u32)) {
        if !self.host.defer_wake(wait) {
            self.late.borrow_mut().push_back(wait);
        }
    }

    /// Those that are queued now; who queues itself again waits for the next turn.
    fn wake_late(&self) {
        let now = self.late.borrow().len();
        for _ in 0..now {
            let next = self.late.borrow_mut().pop_front();
            let Some((id, seq)) = next else { return };
            self.wake_if(id, seq, Wake::Resumed);
            if self.aborted.get() {
                return;
            }
        }
    }

    /// Ends the wait of `id` with [`Wake::Canceled`], and with an exception if one is given. A wait that
    /// cannot be interrupted meets the exception at its own end.
    ///
    /// # Errors
    /// When the coroutine, which runs at once, aborted the request.
    pub fn end_wait(&self, id: CoId, raise: Option<Raise>) -> Result<Cancel, Aborted> {
        let Some(co) = self.find(id) else { return Ok(Cancel::NotFound) };
        if raise.is_some() {
            if co.raise.get() == raise {
                return Ok(Cancel::Twice);
            }
            co.raise.set(raise);
        }
        if co.state.get() != State::Waiting || co.task.get() == Task::Fixed {
            return Ok(if raise.is_some() { Cancel::Later } else { Cancel::Refused });
        }
        co.canceled.set(true);
        self.resume(id, Wake::Canceled)?;
        Ok(Cancel::Done)
    }

    /// As [`Engine::end_wait`], with or without a cancellation's exception: whether it did, or will do, so.
    ///
    /// # Errors
    /// As [`Engine::end_wait`].
    pub fn cancel(&self, id: CoId, throw: bool) -> Result<bool, Aborted> {
        self.end_wait(id, throw.then_some(Raise::Canceled)).map(|result| matches!(result, Cancel::Done | Cancel::Later))
    }

    /// Whether the current coroutine has run for so many milliseconds without a break, as far as the
    /// preemption clock knows.
    pub fn slice_used(&self, ms: u32) -> bool {
        self.current().is_some_and(|co| clock_ms().wrapping_sub(co.slice.get()) >= ms)
    }

    /// The next wait that [`Engine::suspend`] begins, as the queue entry that wakes it.
    pub fn next_wait(&self) -> Option<(CoId, u32)> {
        self.current().map(|co| (co.id, co.seq.get().wrapping_add(1)))
    }

    /// Takes back [`Engine::join`] for a wait that has ended otherwise.
    pub fn unjoin(&self, id: CoId, wait: (CoId, u32)) {
        if let Some(co) = self.find(id) {
            co.joiners.borrow_mut().retain(|other| *other != wait);
        }
    }

    /// The current coroutine's next wait ends, at the end of the turn, when `id` does.
    pub fn join(&self, id: CoId) -> bool {
        match (self.find(id), self.next_wait()) {
            (Some(co), Some(entry)) => {
                co.joiners.borrow_mut().push(entry);
                true
            }
            _ => false,
        }
    }

    // ---- timers, sources, calls -------------------------------------------------------------

    pub(crate) fn co_timer(&self, id: CoId, deadline: Instant) -> Option<TimerId> {
        Some(self.reactor().ok()?.add_timer(deadline, (id as u64) << TAG_BITS | TAG_CO))
    }

    /// A timer that calls [`Host::timer`] with `token` (62 bits).
    pub fn host_timer(&self, deadline: Instant, token: u64) -> io::Result<TimerId> {
        Ok(self.reactor()?.add_timer(deadline, token << TAG_BITS | TAG_HOST))
    }

    /// Calls [`Host::posted`] from the run queue.
    pub fn host_post(&self, token: u64) -> io::Result<()> {
        self.reactor()?.post(token << TAG_BITS | TAG_HOST);
        self.posted.set(self.posted.get() + 1);
        Ok(())
    }

    /// The token with which another thread's `Waker` reaches [`Host::posted`].
    pub fn host_token(token: u64) -> u64 {
        token << TAG_BITS | TAG_HOST
    }

    /// A token for another thread to wake the current coroutine's next wait with. It must be woken, or
    /// ended, in any case: until then it keeps the loop alive.
    pub fn begin_operation(&self) -> Option<u64> {
        let wait = self.next_wait()?;
        let number = self.last_operation.get() + 1;
        self.last_operation.set(number);
        self.operations.borrow_mut().insert(number, wait);
        Some(number << TAG_BITS | TAG_OPERATION)
    }

    /// Takes back a token that nobody will wake.
    pub fn end_operation(&self, token: u64) {
        self.operations.borrow_mut().remove(&(token >> TAG_BITS));
    }

    /// Calls `call` once at `deadline`; cancel it through the reactor's `cancel_timer` and [`Engine::drop_call`].
    pub fn call_at(&self, deadline: Instant, call: impl FnOnce() + 'static) -> io::Result<(TimerId, usize)> {
        let slot = {
            let mut calls = self.calls.borrow_mut();
            match self.free_calls.borrow_mut().pop() {
                Some(slot) => {
                    calls[slot] = Some(Box::new(call));
                    slot
                }
                None => {
                    calls.push(Some(Box::new(call)));
                    calls.len() - 1
                }
            }
        };
        Ok((self.reactor()?.add_timer(deadline, (slot as u64) << TAG_BITS | TAG_CALL), slot))
    }

    /// Takes back a call whose timer was cancelled.
    pub fn drop_call(&self, slot: usize) {
        let call = self.calls.borrow_mut().get_mut(slot).and_then(Option::take);
        if call.is_some() {
            self.free_calls.borrow_mut().push(slot);
        }
    }

    /// Registers a level-triggered source.
    ///
    /// # Errors
    /// As [`Reactor::add`].
    pub fn add_source(&self, fd: RawFd, interest: Interest, source: Rc<dyn Source>) -> Result<SourceId, WaitError> {
        let reactor = self.reactor().map_err(WaitError::Os)?;
        let slot = match self.free_sources.borrow_mut().pop() {
            Some(slot) => slot,
            None => {
                self.sources.borrow_mut().push(None);
                self.sources.borrow().len() - 1
            }
        };
        match reactor.add(fd, interest, slot as u64) {
            Ok(()) => {
                self.sources.borrow_mut()[slot] = Some(source);
                Ok(SourceId(slot as u64))
            }
            Err(error) => {
                self.free_sources.borrow_mut().push(slot);
                Err(error)
            }
        }
    }

    /// Takes a source out of the loop; its object is dropped.
    pub fn remove_source(&self, fd: RawFd, id: SourceId) {
        if let Some(reactor) = self.loop_made() {
            let _ = reactor.remove(fd);
        }
        let source = self.sources.borrow_mut().get_mut(id.0 as usize).and_then(Option::take);
        if source.is_some() {
            self.free_sources.borrow_mut().push(id.0 as usize);
        }
    }

    /// To be called before an fd is closed: its waiters wake with [`Wake::Closed`].
    pub fn closing(&self, fd: RawFd) {
        if let Some(reactor) = self.loop_made() {
            reactor.closing(fd, self);
        }
    }

    // ---- the loop -----------------------------------------------------------------------------

    /// Whether anything is under way that can still wake a coroutine or call back.
    pub fn has_work(&self) -> bool {
        if !self.late.borrow().is_empty() {
            return true;
        }
        let Some(reactor) = self.loop_made() else { return self.host.has_deferred() || self.host.busy() };
        reactor.wait_count() > 0
            || reactor.source_count() > 0
            || reactor.timer_count() > 0
            || !self.operations.borrow().is_empty()
            || self.posted.get() > 0
            || self.host.has_deferred()
            || self.host.busy()
    }

    pub fn is_looping(&self) -> bool {
        self.looping.get()
    }

    /// Makes [`Engine::run`] return after this turn.
    pub fn stop(&self) {
        self.stop.set(true);
    }

    /// Turns the loop until nothing is left that could happen, or until [`Engine::stop`].
    ///
    /// # Errors
    /// When a coroutine or a callback aborted the request.
    pub fn run(&self) -> Result<(), Aborted> {
        self.stop.set(false);
        let outer = self.looping.replace(true);
        if let (false, Some(reactor)) = (outer, self.loop_made()) {
            reactor.begin();
        }
        let result = loop {
            if self.aborted.get() {
                break Err(Aborted);
            }
            if self.stop.get() || !self.has_work() {
                break Ok(());
            }
            if let Err(aborted) = self.turn(None) {
                break Err(aborted);
            }
        };
        self.looping.set(outer);
        result
    }

    /// One turn: waits for at most `max_wait` (`None`: until something happens).
    ///
    /// # Errors
    /// As [`Engine::run`].
    pub fn turn(&self, max_wait: Option<Duration>) -> Result<(), Aborted> {
        if let Ok(reactor) = self.reactor() {
            // A failed epoll_wait (EBADF after a script closed our fd) must not spin: it ends the loop.
            if reactor.turn(max_wait, self).is_err() {
                self.stop.set(true);
            }
        }
        if self.aborted.get() { Err(Aborted) } else { Ok(()) }
    }

    /// In a forked child: forgets coroutines, loop and pool, touching nothing the parent still uses.
    pub fn after_fork(&self) {
        if let Some(reactor) = self.loop_made() {
            // The box stays behind: callers further up may still look at the inert loop.
            self.reactor.set(ptr::null_mut());
            reactor.forget();
        }
        self.forget_all();
        self.forget_calls();
        self.looping.set(false);
        self.stop.set(false);
    }

    /// Throws the loop away with all that waits in it; whoever is suspended stays so. False from within
    /// the loop.
    pub fn end_loop(&self) -> bool {
        if self.looping.get() || self.current().is_some() {
            return false;
        }
        let reactor = self.reactor.replace(ptr::null_mut());
        if !reactor.is_null() {
            // SAFETY: a box of ours; nobody is inside the loop, and no one keeps a reference to it outside.
            drop(unsafe { Box::from_raw(reactor) });
        }
        self.forget_calls();
        true
    }

    fn forget_calls(&self) {
        self.promised.set(false);
        self.late.borrow_mut().clear();
        self.operations.borrow_mut().clear();
        self.posted.set(0);
        // What they own (PHP values, descriptors) is not ours to end here.
        std::mem::forget(std::mem::take(&mut *self.calls.borrow_mut()));
        self.free_calls.borrow_mut().clear();
        std::mem::forget(std::mem::take(&mut *self.sources.borrow_mut()));
        self.free_sources.borrow_mut().clear();
    }
}

impl Sink for Engine {
    #[inline]
    fn ready(&self, waiter: u64, _fd: RawFd, ready: Readiness) {
        if !self.aborted.get() {
            let _ = self.resume(waiter as CoId, Wake::Ready(ready));
        }
    }

    #[inline]
    fn source_ready(&self, source: u64, fd: RawFd, ready: Readiness) {
        if self.aborted.get() {
            return;
        }
        let source = self.sources.borrow().get(source as usize).and_then(Clone::clone);
        if let Some(source) = source {
            source.ready(fd, ready);
        }
    }

    fn closed(&self, waiter: u64, _fd: RawFd) {
        if !self.aborted.get() {
            let _ = self.resume(waiter as CoId, Wake::Closed);
        }
    }

    #[inline]
    fn timer(&self, token: u64) {
        if self.aborted.get() {
            return;
        }
        let value = token >> TAG_BITS;
        match token & ((1 << TAG_BITS) - 1) {
            TAG_CO => {
                let _ = self.resume(value as CoId, Wake::Timeout);
            }
            TAG_HOST => self.host.timer(value),
            _ => {
                let call = self.calls.borrow_mut().get_mut(value as usize).and_then(Option::take);
                if let Some(call) = call {
                    self.free_calls.borrow_mut().push(value as usize);
                    call();
                }
            }
        }
    }

    fn posted(&self, token: u64) {
        self.posted.set(self.posted.get() - 1);
        self.woken(token);
    }

    fn woken(&self, token: u64) {
        if self.aborted.get() {
            return;
        }
        let value = token >> TAG_BITS;
        match token & ((1 << TAG_BITS) - 1) {
            TAG_HOST => self.host.posted(value),
            TAG_OPERATION => {
                // A wait that ended early (time-out, cancel) is not this one any more.
                let wait = self.operations.borrow_mut().remove(&value);
                if let Some((id, seq)) = wait {
                    self.wake_if(id, seq, Wake::Resumed);
                }
            }
            _ => {
                let _ = self.resume(value as CoId, Wake::Resumed);
            }
        }
    }

    fn signal(&self, signo: i32, info: &libc::signalfd_siginfo) {
        if !self.aborted.get() {
            self.host.signal(signo, info);
        }
    }

    fn interrupted(&self) {
        self.host.interrupted();
    }

    fn deferred(&self) {
        if !self.aborted.get() {
            self.wake_late();
        }
        if !self.aborted.get() {
            self.host.deferred();
        }
    }

    fn has_deferred(&self) -> bool {
        !self.late.borrow().is_empty() || self.host.has_deferred()
    }

    fn cycle(&self) {
        if !self.aborted.get() {
            self.host.cycle();
        }
    }

    fn before_wait(&self) {
        if !self.aborted.get() {
            self.host.before_wait();
        }
    }
}
