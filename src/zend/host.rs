//! PHP as the host of coroutines: the VM state switch, the body of a coroutine, shutdown.

use std::cell::Cell;
use std::ffi::{c_char, c_int, c_void};

use coroutine::{Co, CoId, Engine, Host, LOCAL_SIZE, Outcome, Raise, SpawnError, Task};

use super::callable::Callable;
use super::sys::{self, FciCache, Zval, zend_execute_data, zend_string};
use super::value::Value;

/// What the classes above bring into the loop. Set once, while PHP starts.
#[derive(Clone, Copy)]
pub struct Hooks {
    pub timer: fn(token: u64),
    pub posted: fn(token: u64),
    pub signal: fn(signo: i32, info: &libc::signalfd_siginfo),
    pub deferred: fn(),
    pub has_deferred: fn() -> bool,
    pub defer_wake: fn((CoId, u32)),
    pub cycle: fn(),
    pub busy: fn() -> bool,
    pub before_wait: fn(),
    pub raise: fn(what: Raise),
}

struct Php {
    hooks: Hooks,
}

/// Default address space of a coroutine's C stack; nested serialize() and the like need depth.
pub const STACK_SIZE: usize = 2 * 1024 * 1024;

/// Sets up the shim and the engine of this thread. Called once, in MINIT.
pub fn startup(hooks: Hooks) -> Result<(), String> {
    // SAFETY: start-up; reads sizes and fills the shim's statics.
    unsafe {
        let (local, cache) = (sys::swrs_local_size(), sys::swrs_fci_cache_size());
        if local > LOCAL_SIZE || cache > size_of::<FciCache>() {
            return Err(format!("built for another PHP: coroutine state {local} bytes, function cache {cache}"));
        }
        sys::swrs_startup();
        sys::swrs_hook_sections(section);
    }
    let host: &'static Php = Box::leak(Box::new(Php { hooks }));
    coroutine::install(host, STACK_SIZE);
    Ok(())
}

extern "C" fn section(step: c_int) {
    if let Some(engine) = coroutine::engine() {
        engine.no_suspend(step);
    }
}

impl Host for Php {
    fn switches(&self) -> coroutine::Switches {
        coroutine::Switches { switch: sys::swrs_switch, start: sys::swrs_start, end: sys::swrs_end }
    }

    fn raise(&self, what: Raise) {
        (self.hooks.raise)(what);
    }

    fn before_wait(&self) {
        (self.hooks.before_wait)();
    }

    fn timer(&self, token: u64) {
        (self.hooks.timer)(token);
    }

    fn posted(&self, token: u64) {
        (self.hooks.posted)(token);
    }

    fn signal(&self, signo: i32, info: &libc::signalfd_siginfo) {
        (self.hooks.signal)(signo, info);
    }

    fn deferred(&self) {
        (self.hooks.deferred)();
    }

    fn has_deferred(&self) -> bool {
        (self.hooks.has_deferred)()
    }

    fn defer_wake(&self, wait: (CoId, u32)) -> bool {
        (self.hooks.defer_wake)(wait);
        true
    }

    fn cycle(&self) {
        (self.hooks.cycle)();
    }

    fn busy(&self) -> bool {
        (self.hooks.busy)()
    }

    fn stack_overflowed(&self, id: CoId, bytes: usize) {
        // SAFETY: PHP's thread, in its signal handler: reads frames, formats into its own stack, writes.
        unsafe { sys::swrs_stack_overflow(id, bytes) }
    }
}

/// What a new coroutine runs; lives on the creator's stack until the first switch back.
struct Start<'a> {
    cache: &'a mut FciCache,
    callable: *mut Zval,
    /// The callable is a temporary: its reference may be taken.
    owned: bool,
    args: &'a mut [Zval],
}

/// Runs a PHP callable in a new coroutine at once, until it first suspends.
///
/// # Errors
/// See [`Engine::spawn`].
pub fn spawn(callable: &Zval, mut cache: FciCache, args: &mut [Zval]) -> Result<CoId, SpawnError> {
    spawn_start(Start { cache: &mut cache, callable: std::ptr::from_ref(callable).cast_mut(), owned: false, args })
}

/// As [`spawn`], with an argument of the running function, which may be null from then on.
///
/// # Errors
/// See [`Engine::spawn`].
pub fn spawn_argument(callable: &mut Zval, cache: &mut FciCache, args: &mut [Zval]) -> Result<CoId, SpawnError> {
    spawn_start(Start { cache, callable, owned: true, args })
}

fn spawn_start(mut start: Start<'_>) -> Result<CoId, SpawnError> {
    unsafe fn body(co: &Co, argument: *mut u8) -> Outcome {
        // SAFETY: `Start` is valid until the first suspension; everything is taken out of it before.
        let ended = unsafe {
            let start = &mut *argument.cast::<Start<'_>>();
            let (count, args) = (start.args.len() as u32, start.args.as_mut_ptr());
            sys::swrs_main(co.local(), &mut *start.cache, start.callable, start.owned, count, args)
        };
        if ended == 0 { Outcome::Done } else { Outcome::Abort }
    }
    let Some(engine) = coroutine::engine() else {
        return Err(SpawnError::Stack(std::io::Error::from_raw_os_error(libc::ENOSYS)));
    };
    // SAFETY: `start` outlives the call, and with it the body's first stretch.
    unsafe { engine.spawn(body, (&raw mut start).cast()) }
}

/// Runs `work` in a new coroutine at once, until it first suspends. `work` calls PHP only through guards,
/// and answers [`Outcome::Abort`] when one of them says that the request is over.
///
/// # Errors
/// See [`Engine::spawn`].
pub fn spawn_native<F: FnOnce() -> Outcome + 'static>(work: F) -> Result<CoId, SpawnError> {
    unsafe extern "C" fn run<F: FnOnce() -> Outcome>(argument: *mut c_void) -> c_int {
        // SAFETY: `argument` is the closure in `body`, still full; it is moved to this stack.
        let work = unsafe { (*argument.cast::<Option<F>>()).take() };
        match work.map(|work| work()) {
            Some(Outcome::Abort) => 2,
            _ => 0,
        }
    }
    unsafe fn body<F: FnOnce() -> Outcome>(co: &Co, argument: *mut u8) -> Outcome {
        // SAFETY: the argument is the `Option<F>` below, taken out before the first suspension.
        let ended = unsafe { sys::swrs_main_native(co.local(), run::<F>, argument.cast()) };
        if ended == 0 { Outcome::Done } else { Outcome::Abort }
    }
    let Some(engine) = coroutine::engine() else {
        return Err(SpawnError::Stack(std::io::Error::from_raw_os_error(libc::ENOSYS)));
    };
    let mut work = Some(work);
    // SAFETY: `work` outlives the call, and with it the body's first stretch.
    unsafe { engine.spawn(body::<F>, (&raw mut work).cast()) }
}

/// Functions to be called when a coroutine ends, last first.
type Defers = Vec<Callable>;

/// Adds a function to the current coroutine's end. False outside coroutines.
pub fn defer(callable: Callable) -> bool {
    let Some(co) = coroutine::engine().and_then(Engine::current) else { return false };
    // SAFETY: the local belongs to the current coroutine; the slot holds null or a leaked `Defers`.
    unsafe {
        let slot = sys::swrs_local_defers(co.local()).cast::<*mut Defers>();
        if (*slot).is_null() {
            *slot = Box::into_raw(Box::default());
        }
        (**slot).push(callable);
    }
    true
}

/// Called by `swrs_main` at the end of a coroutine, on its own stack.
#[unsafe(no_mangle)]
extern "C" fn swrs_run_defers(defers: *mut c_void, result: *mut Zval) -> c_int {
    // SAFETY: made by `defer`, taken out of its slot by the caller. `result` is the body's return value.
    let (mut defers, result) = unsafe { (Box::from_raw(defers.cast::<Defers>()), &*result) };
    let mut ended = 0;
    let undef = super::ZvalExt::is_undef(result);
    while let Some(callable) = defers.pop() {
        let (outcome, value) =
            if undef { callable.call(&mut []) } else { callable.call(&mut [Value::copy_of(result).into_zval()]) };
        if super::guard::uncaught(outcome) {
            std::mem::forget(value);
            std::mem::forget(defers);
            return 2;
        }
        if super::guard::unheard(super::guarded(|| drop((callable, value)))) {
            ended = 2;
        }
        // What a deferred function defers comes before what was deferred earlier.
        let Some(co) = coroutine::engine().and_then(Engine::current) else { break };
        // SAFETY: as in `defer`.
        unsafe {
            let slot = sys::swrs_local_defers(co.local()).cast::<*mut Defers>();
            if !(*slot).is_null() {
                defers.append(&mut Box::from_raw(std::mem::replace(&mut *slot, std::ptr::null_mut())));
            }
        }
    }
    ended
}

/// The slot for the coroutine's context object; undef until it is first asked for.
#[allow(clippy::mut_from_ref)] // Zend shares its values by count, not by borrow: as everywhere in this folder.
pub fn context_slot(co: &Co) -> &mut Zval {
    // SAFETY: the local of a live coroutine; handlers run one at a time.
    unsafe { &mut *sys::swrs_local_context(co.local()) }
}

/// The frame a suspended coroutine stopped in; null for the current one.
pub fn frame_of(co: &Co) -> *mut zend_execute_data {
    // SAFETY: as above.
    unsafe { sys::swrs_local_frame(co.local()) }
}

/// Bytes of VM stack of a suspended coroutine; with `None`, of whoever runs.
pub fn vm_memory(co: Option<&Co>) -> usize {
    // SAFETY: as above.
    unsafe { sys::swrs_local_vm_used(co.map_or(std::ptr::null_mut(), Co::local)) }
}

/// Where the script was when it called us.
pub fn executed_file() -> Vec<u8> {
    // SAFETY: a C string that lives as long as the frame does.
    unsafe { std::ffi::CStr::from_ptr(sys::swrs_executed_filename()) }.to_bytes().to_vec()
}

/// Forgets the last error, as `error_clear_last()` does: somebody went on in spite of it.
pub fn forget_error() {
    // SAFETY: frees two strings of PHP's globals, on its own thread.
    unsafe { sys::swrs_forget_error() }
}

/// Whether a fatal error has ended the script.
pub fn is_fatal() -> bool {
    // SAFETY: reads PHP's globals of this thread.
    unsafe { sys::swrs_is_fatal() }
}

/// Whether a destructor calls us after the last shutdown function.
pub fn in_destructor_at_end() -> bool {
    // SAFETY: reads PHP's globals of this thread.
    unsafe { sys::swrs_in_last_destructor() }
}

/// In a forked child: PHP's random numbers start anew.
pub fn forget_random() {
    // SAFETY: writes two flags of PHP's globals.
    unsafe { sys::swrs_forget_random() }
}

/// Calls `handler` from the VM soon; see [`interrupt_soon`].
pub fn on_interrupt(handler: extern "C" fn()) {
    // SAFETY: PHP's thread; the handler is a plain function.
    unsafe { sys::swrs_set_interrupt(handler) }
}

/// Where to ask the VM, from any thread, for a call of the interrupt handler.
#[derive(Clone, Copy)]
pub struct Interrupt(*mut c_void);

// SAFETY: points to an atomic flag of this process's only PHP thread, valid as long as PHP runs.
unsafe impl Send for Interrupt {}

impl Interrupt {
    pub fn here() -> Self {
        // SAFETY: takes the address of a global.
        Self(unsafe { sys::swrs_vm_interrupt_ptr() })
    }

    pub fn raise(self) {
        // SAFETY: `zend_atomic_bool` is one byte, written atomically from anywhere (zend_atomic.h).
        unsafe { std::sync::atomic::AtomicBool::from_ptr(self.0.cast()) }.store(true, std::sync::atomic::Ordering::SeqCst);
    }
}

/// Has `hook` asked before the script exits: it throws and answers true, or leaves exit() alone.
pub fn on_exit(hook: extern "C" fn(status: i64, message: *mut Zval) -> bool) {
    // SAFETY: module start; the hook is a plain function.
    unsafe { sys::swrs_hook_exit(hook) }
}

// ---- autoload ------------------------------------------------------------------------------------

/// A class that some coroutine is loading, and those that wait for it.
struct Loading {
    name: Vec<u8>,
    by: Option<CoId>,
    waiters: Vec<(CoId, u32)>,
}

thread_local! {
    static LOADING: Cell<Vec<Loading>> = const { Cell::new(Vec::new()) };
}

fn with_loading<T>(work: impl FnOnce(&mut Vec<Loading>) -> T) -> T {
    LOADING.with(|cell| {
        let mut list = cell.take();
        let result = work(&mut list);
        cell.set(list);
        result
    })
}

/// True: load it. False: somebody else did, or is (further up this very coroutine).
extern "C" fn autoload_wait(name: *mut zend_string) -> bool {
    // SAFETY: the name is live during the call.
    let name = unsafe { super::string::bytes_of(name) };
    let me = coroutine::current();
    let engine = coroutine::engine();
    let wait = with_loading(|list| match list.iter_mut().find(|loading| loading.name == name) {
        None => {
            list.push(Loading { name: name.to_vec(), by: me, waiters: Vec::new() });
            Some(true)
        }
        Some(loading) if loading.by == me => Some(false),
        Some(loading) => match engine.filter(|engine| engine.can_suspend()).and_then(Engine::next_wait) {
            Some(entry) => {
                loading.waiters.push(entry);
                None
            }
            None => Some(false),
        },
    });
    match (wait, engine) {
        (Some(go), _) => go,
        (None, Some(engine)) => {
            engine.suspend(Task::Fixed);
            false
        }
        (None, None) => false,
    }
}

extern "C" fn autoload_done(name: *mut zend_string) {
    // SAFETY: as above.
    let name = unsafe { super::string::bytes_of(name) };
    let done = with_loading(|list| {
        let at = list.iter().position(|loading| loading.name == name)?;
        Some(list.swap_remove(at))
    });
    if let (Some(loading), Some(engine)) = (done, coroutine::engine()) {
        for wait in loading.waiters {
            engine.wake_later(wait);
        }
    }
}

/// Per request: hooks that need all other extensions to have started.
pub fn activate() {
    // SAFETY: the request has begun; spl has set zend_autoload by now.
    unsafe {
        sys::swrs_hook_autoload(autoload_wait, autoload_done);
        sys::swrs_find_soap();
    }
    with_loading(Vec::clear);
}

/// In a forked child: what output buffers hold is the parent's to print.
pub fn forget_output() {
    // SAFETY: empties every buffer; a handler that bails out ends here.
    let _ = super::guarded(|| unsafe { sys::swrs_clean_output() });
}

/// What output buffers hold goes out, as at a script's end.
pub fn flush_output() {
    // SAFETY: ends every buffer; a handler that bails out ends here.
    let _ = super::guarded(|| unsafe { sys::swrs_end_output() });
}

/// The options by which this PHP was configured on its command line (`-n`, `-c`, `-d`), for another PHP that is to
/// be configured alike.
pub fn configuration() -> Vec<Vec<u8>> {
    let text = |text: *const c_char| {
        // SAFETY: null or a C string that the SAPI keeps until the process ends.
        (!text.is_null()).then(|| unsafe { std::ffi::CStr::from_ptr(text) }.to_bytes())
    };
    let mut options = Vec::new();
    // SAFETY: reads fields of the SAPI, set before any script ran.
    let (ignored, path, entries) =
        unsafe { (sys::swrs_ini_ignored(), text(sys::swrs_ini_path()), text(sys::swrs_ini_entries())) };
    if ignored {
        options.push(b"-n".to_vec());
    }
    if let Some(path) = path {
        options.extend([b"-c".to_vec(), path.to_vec()]);
    }
    for line in entries.unwrap_or_default().split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        options.extend([b"-d".to_vec(), line.to_vec()]);
    }
    options
}

/// The error that the script has died of, as `message in file on line n`.
pub fn last_error() -> Option<String> {
    let (mut file, mut line) = (std::ptr::null(), 0);
    // SAFETY: slots for the answers.
    let message = unsafe { sys::swrs_last_error(&mut file, &mut line) };
    if message.is_null() {
        return None;
    }
    // SAFETY: C strings that live until PHP forgets the error, after this module's end of the request.
    let (message, file) = unsafe { (std::ffi::CStr::from_ptr(message), std::ffi::CStr::from_ptr(file)) };
    Some(format!("{} in {} on line {line}", message.to_string_lossy(), file.to_string_lossy()))
}
