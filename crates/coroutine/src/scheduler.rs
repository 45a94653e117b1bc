//! The engine of a thread: live coroutines, the switch, who wakes whom.

use std::cell::{Cell, RefCell, UnsafeCell};
use std::collections::{HashMap, VecDeque};
use std::io;
use std::mem::ManuallyDrop;
use std::ptr;
use std::rc::Rc;
use std::sync::atomic::{AtomicU32, Ordering};

use corosensei::{CoroutineResult, Yielder};
use reactor::Reactor;

use crate::co::{Body, Cancel, Co, Raise, State, Switch, Task, Wake, co_of, coarse_ns, monotonic_ns};
use crate::host::{Aborted, CoId, Host, Local, Outcome, Source, SpawnError, Switches, VM_PAGE};
use crate::stack::StackPool;
use crate::table::Table;

/// The preemption clock in milliseconds; stands still unless a thread of the host turns it, see [`tick`].
static CLOCK: AtomicU32 = AtomicU32::new(0);

fn clock_ms() -> u32 {
    (monotonic_ns() / 1_000_000) as u32
}

/// Sets the preemption clock; from any thread.
pub fn tick() {
    CLOCK.store(clock_ms(), Ordering::Relaxed);
}

pub(crate) type Call = Box<dyn FnOnce()>;

/// The engine of one thread.
pub struct Engine {
    pub(crate) host: &'static dyn Host,
    /// Of `host`, fetched once: one of them runs at each switch.
    pub(crate) switches_of: Switches,
    /// The host has promised to run the loop when the script ends.
    pub(crate) promised: Cell<bool>,
    /// Null until first needed; a box of ours otherwise.
    pub(crate) reactor: Cell<*mut Reactor>,
    pub(crate) stacks: StackPool,
    pub(crate) table: RefCell<Table>,
    pub(crate) current: Cell<*mut Co>,
    pub(crate) main: Local,
    pub(crate) last_id: Cell<CoId>,
    pub(crate) live: Cell<usize>,
    pub(crate) peak: Cell<usize>,
    pub(crate) limit: Cell<usize>,
    pub(crate) aborted: Cell<bool>,
    pub(crate) no_suspend: Cell<u32>,
    /// Operations of other threads under way: the wait each of them ends.
    pub(crate) operations: RefCell<HashMap<u64, (CoId, u32)>>,
    pub(crate) last_operation: Cell<u64>,
    pub(crate) posted: Cell<usize>,
    pub(crate) sources: RefCell<Vec<Option<Rc<dyn Source>>>>,
    pub(crate) free_sources: RefCell<Vec<usize>>,
    pub(crate) calls: RefCell<Vec<Option<Call>>>,
    pub(crate) free_calls: RefCell<Vec<usize>>,
    pub(crate) stop: Cell<bool>,
    pub(crate) looping: Cell<bool>,
    pub(crate) switches: Cell<u64>,
    /// Waits that end at the turn's end.
    pub(crate) late: RefCell<VecDeque<(CoId, u32)>>,
}

impl Engine {
    pub(crate) fn new(host: &'static dyn Host, stack_size: usize) -> Self {
        Self {
            host,
            switches_of: host.switches(),
            promised: Cell::new(false),
            reactor: Cell::new(ptr::null_mut()),
            stacks: StackPool::new(stack_size),
            table: RefCell::new(Table::new()),
            current: Cell::new(ptr::null_mut()),
            main: Local::zeroed(),
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
    pub(crate) fn loop_made(&self) -> Option<&Reactor> {
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
        let (page, low) = (region.high().wrapping_sub(VM_PAGE), region.low());
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
                local: Local::unset(),
            });
        }
        self.table.borrow_mut().insert(id, co);
        self.live.set(live + 1);
        if live + 1 > self.peak.get() {
            self.peak.set(live + 1);
        }
        let start = self.switches_of.start;
        // SAFETY: a new coroutine, its local, and the page and stack that belong to it.
        self.run_after(co, |from, local| unsafe { start(from, local, page, VM_PAGE, low) })?;
        Ok(id)
    }

    #[inline(always)]
    fn go_on(&self, co: *mut Co, wake: Wake) -> Result<(), Aborted> {
        // SAFETY: `co` is live.
        unsafe { (*co).wake.set(wake) };
        self.switches.set(self.switches.get() + 1);
        let switch = self.switches_of.switch;
        // SAFETY: `co` is live and not running (callers checked its state): its state was saved when it stopped.
        self.run_after(co, |from, local| unsafe { switch(from, local) })
    }

    /// Runs `co`, once `load` has put its state in place of the caller's, until it suspends or ends.
    #[inline(always)]
    fn run_after(&self, co: *mut Co, load: impl FnOnce(*mut u8, *mut u8)) -> Result<(), Aborted> {
        let previous = self.current.get();
        // SAFETY: `co` is live and not running; `previous` is null or the coroutine whose stack we are on.
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
            load(from, (*co).local());
            self.current.set(co);
            let result = (*(*co).switch.get()).resume(());
            self.current.set(previous);
            if let Some(previous) = previous.as_ref() {
                previous.state.set(State::Running);
            }
            match result {
                CoroutineResult::Return(Outcome::Done) => {
                    (self.switches_of.end)((*co).local(), from);
                    Some(Outcome::Done)
                }
                other => {
                    (self.switches_of.switch)((*co).local(), from);
                    match other {
                        CoroutineResult::Yield(()) => None,
                        CoroutineResult::Return(outcome) => Some(outcome),
                    }
                }
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

    #[inline(never)]
    fn finish(&self, co: *mut Co) {
        // SAFETY: the coroutine has returned; nobody runs on its stack, and it leaves the table first.
        unsafe {
            let id = (*co).id;
            (*co).state.set(State::Ended);
            self.table.borrow_mut().remove(id);
            self.live.set(self.live.get() - 1);
            let joiners = (*co).joiners.take();
            let switch = ManuallyDrop::take(&mut *(*co).switch.get());
            self.stacks.give(switch.into_stack());
            for joiner in joiners {
                self.wake_at_end(joiner);
            }
        }
    }

    /// Marks the request as ended: no coroutine runs any more.
    #[cold]
    pub fn abort(&self) {
        self.aborted.set(true);
        // Whoever comes next, in a shutdown function, is to ask `recover` first.
        self.promised.set(false);
    }

    /// After an abort has reached the main context: those it stopped are forgotten, and new coroutines may
    /// run. False from within a coroutine or the loop.
    pub fn recover(&self) -> bool {
        if !self.aborted.get() || self.looping.get() || !self.current.get().is_null() {
            return false;
        }
        self.forget_all();
        self.aborted.set(false);
        self.no_suspend.set(0);
        true
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
    // Into its caller: after a switch the processor mispredicts the return of each frame up to PHP's.
    #[inline(always)]
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
        }
        self.go_on(co, wake)?;
        Ok(true)
    }

    /// Resumes a coroutine that has yielded; false when it waits for something else or is not there.
    ///
    /// # Errors
    /// When it aborted the request.
    #[inline(always)]
    pub fn resume_yielding(&self, id: CoId) -> Result<bool, Aborted> {
        let found = self.table.borrow().get(id);
        // SAFETY: found in the table.
        let Some(co) = found.filter(|co| unsafe { (**co).is_yielding() }) else { return Ok(false) };
        self.go_on(co, Wake::Resumed)?;
        Ok(true)
    }

    /// Has the host told when a coroutine of this thread overflows its stack.
    pub fn watch_overflow(&self) {
        crate::overflow::watch();
    }

    /// Whether the host has already promised to run the loop; from now on it has.
    #[inline]
    pub fn promise(&self) -> bool {
        self.promised.replace(true)
    }

    /// Whether the loop is in use, and somebody will run it.
    #[inline]
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
    #[inline(always)]
    pub fn wake_if(&self, id: CoId, seq: u32, wake: Wake) -> bool {
        let found = self.table.borrow().get(id);
        // SAFETY: the table holds live coroutines only.
        let Some(co) = found.filter(|co| unsafe { (**co).seq.get() == seq && (**co).state.get() == State::Waiting }) else {
            return false;
        };
        // Whether it aborted the request is for its waker to ask.
        let _ = self.go_on(co, wake);
        true
    }

    /// Wakes wait `seq` of `id` from the run queue, in this turn of the loop or the next.
    pub fn wake_later(&self, wait: (CoId, u32)) {
        if let Ok(reactor) = self.reactor() {
            let token = self.add_operation(wait);
            self.posted.set(self.posted.get() + 1);
            reactor.post(token);
        }
    }

    /// Wakes wait `seq` of `id` at the end of this turn of the loop, or of the next.
    pub fn wake_at_end(&self, wait: (CoId, u32)) {
        if !self.host.defer_wake(wait) {
            self.late.borrow_mut().push_back(wait);
        }
    }

    /// Those that are queued now; who queues itself again waits for the next turn.
    pub(crate) fn wake_late(&self) {
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
}
