//! Objects with Rust state: `{state, zend_object}` in one allocation, one layout per hierarchy.

use std::cell::UnsafeCell;
use std::ffi::{CStr, c_int, c_void};
use std::mem::{MaybeUninit, offset_of};

use super::sys::{self, HashTable, Zval, zend_class_entry, zend_object, zend_object_handlers};
use super::value::Value;

/// The object handlers of one class hierarchy, filled when its class is registered.
pub struct Handlers(UnsafeCell<MaybeUninit<zend_object_handlers>>);

// SAFETY: written once while PHP starts, before any object exists; read-only afterwards.
unsafe impl Sync for Handlers {}

impl Handlers {
    pub const fn new() -> Self {
        Self(UnsafeCell::new(MaybeUninit::uninit()))
    }

    pub fn as_ptr(&self) -> *mut zend_object_handlers {
        self.0.get().cast()
    }
}

impl Default for Handlers {
    fn default() -> Self {
        Self::new()
    }
}

/// Rust state of a class. `Default` is the state before (or without) a constructor.
pub trait ClassState: Default + 'static {
    /// A `static` of the implementing module.
    fn handlers() -> &'static Handlers;

    /// Tells the values that the state holds, for the cycle collector.
    fn gc(&self, _buffer: &mut GcBuffer) {}
}

/// Memory layout of an object with state.
#[repr(C)]
pub struct StateObject<T> {
    state: T,
    std: zend_object,
}

/// Sets up a class whose objects carry `T`: creation, freeing, garbage collection; no clone, no serialize.
pub fn class_state<T: ClassState>(class: &mut zend_class_entry) {
    // SAFETY: start-up, the class was just registered; the handlers are written before any object exists.
    unsafe {
        let handlers = T::handlers().as_ptr();
        sys::swrs_handlers_init(handlers, offset_of!(StateObject<T>, std) as c_int, free::<T>);
        sys::swrs_handlers_gc(handlers, gc::<T>);
        sys::swrs_class_create(class, create::<T>);
        sys::swrs_class_not_serializable(class);
    }
}

/// Lets objects of a class answer to a method of older versions, which reflection does not show: a twin of
/// the method `like`, told apart by [`super::Call::function_name`]. Called at start-up.
pub fn older_method<T: ClassState>(class: &mut zend_class_entry, name: &CStr, like: &CStr) {
    // SAFETY: start-up, the class and its handlers were just set up.
    unsafe { sys::swrs_class_older(class, T::handlers().as_ptr(), name.as_ptr(), like.as_ptr()) }
}

unsafe extern "C" fn create<T: ClassState>(class: *mut zend_class_entry) -> *mut zend_object {
    // SAFETY: PHP allocates; state is written before anybody sees the object.
    unsafe {
        let memory = sys::swrs_object_alloc(offset_of!(StateObject<T>, std), class).cast::<StateObject<T>>();
        (&raw mut (*memory).state).write(T::default());
        let object = &raw mut (*memory).std;
        sys::swrs_object_init(object, class, T::handlers().as_ptr());
        object
    }
}

unsafe extern "C" fn free<T: ClassState>(object: *mut zend_object) {
    // SAFETY: called once, at the object's end.
    unsafe {
        std::ptr::drop_in_place(state_ptr::<T>(object));
        sys::swrs_object_std_dtor(object);
    }
}

unsafe extern "C" fn gc<T: ClassState>(object: *mut zend_object, table: *mut *mut Zval, n: *mut c_int) -> *mut HashTable {
    // SAFETY: the collector runs between handlers; the state is not being written.
    unsafe {
        let mut buffer = GcBuffer(sys::swrs_gc_buffer());
        (*state_ptr::<T>(object)).gc(&mut buffer);
        sys::swrs_gc_use(object, buffer.0, table, n)
    }
}

/// Where a state tells its values.
pub struct GcBuffer(*mut c_void);

impl GcBuffer {
    pub fn add(&mut self, value: &Value) {
        // SAFETY: the buffer of this walk; the collector only reads.
        unsafe { sys::swrs_gc_add(self.0, std::ptr::from_ref(value.as_zval()).cast_mut()) }
    }

    pub fn add_zval(&mut self, value: &Zval) {
        // SAFETY: as above.
        unsafe { sys::swrs_gc_add(self.0, std::ptr::from_ref(value).cast_mut()) }
    }
}

fn state_ptr<T>(object: *mut zend_object) -> *mut T {
    object.cast::<u8>().wrapping_sub(offset_of!(StateObject<T>, std)).cast()
}

/// The state of an object.
///
/// The state is shared: handlers run nested (a callback calls another method of the same object), so
/// states keep what changes in cells and hold no `RefCell` borrow across a call into PHP.
///
/// # Safety
/// `object` was made by a class set up with [`class_state::<T>`], or by a child of one.
#[inline]
pub unsafe fn state_of<T: ClassState>(object: &zend_object) -> &'static T {
    let mut state = state_ptr::<T>(std::ptr::from_ref(object).cast_mut());
    // The state is written through cells, while `&zend_object` tells the optimizer that what is reached
    // through it stays as it is: stores were lost. From here on it no longer knows where this pointer is from.
    // SAFETY: an empty instruction that hands the pointer back.
    unsafe { std::arch::asm!("/* {0} */", inout(reg) state, options(pure, nomem, nostack, preserves_flags)) };
    // SAFETY: by the contract; the object outlives the handler that holds it. `'static` spares every
    // handler a lifetime; no handler keeps it past the call.
    unsafe { &*state }
}

/// The object that a state lies in: for its `Drop`, which runs before the properties are freed.
///
/// # Safety
/// `state` is that of an object made by a class set up with [`class_state::<T>`].
pub unsafe fn object_behind<T: ClassState>(state: &T) -> &'static mut zend_object {
    // SAFETY: by the contract; see `StateObject`.
    unsafe { &mut *std::ptr::from_ref(state).cast_mut().cast::<u8>().add(offset_of!(StateObject<T>, std)).cast() }
}

/// A new object of `class`, its constructor not run.
pub fn new_object(class: *mut zend_class_entry) -> Value {
    let mut value = Zval::new();
    // SAFETY: a registered class.
    unsafe { sys::swrs_object_new(&mut value, class) };
    Value::from_zval(value)
}

/// Reads and writes of declared properties by name.
pub trait ObjectExt {
    fn set_prop(&mut self, name: &str, value: Value);
    fn prop(&self, name: &str) -> Value;
    /// The n-th declared property's slot (inherited ones first), for hot paths.
    fn slot(&mut self, n: u32) -> &mut Zval;
    fn is_a(&self, class: *mut zend_class_entry) -> bool;
    /// The name of its class.
    fn class_name(&self) -> &str;
}

impl ObjectExt for zend_object {
    fn set_prop(&mut self, name: &str, value: Value) {
        let mut value = value;
        // SAFETY: a live object; the property counts its own reference.
        unsafe { sys::swrs_update_prop(self, name.as_ptr(), name.len(), value.as_mut()) }
    }

    fn prop(&self, name: &str) -> Value {
        let mut buffer = Zval::new();
        // SAFETY: a live object; the result is the property's slot or the buffer.
        unsafe {
            let this = std::ptr::from_ref(self).cast_mut();
            Value::copy_of(&*sys::swrs_read_prop(this, name.as_ptr(), name.len(), &mut buffer))
        }
    }

    fn slot(&mut self, n: u32) -> &mut Zval {
        // SAFETY: callers count the declared properties of their own class.
        unsafe { &mut *sys::swrs_deref(sys::swrs_prop_slot(self, n)) }
    }

    fn is_a(&self, class: *mut zend_class_entry) -> bool {
        // SAFETY: a live object, a registered class.
        unsafe { sys::swrs_instanceof(std::ptr::from_ref(self).cast_mut(), class) }
    }

    fn class_name(&self) -> &str {
        // SAFETY: a live object's class has a name, a C string that lives as long as the class.
        unsafe { CStr::from_ptr(sys::swrs_class_name(self.ce)) }.to_str().unwrap_or_default()
    }
}

/// Objects for which `lends` is true also have the public methods of `child`, a lower-case class name, which is
/// a child of their own class: what `new` cannot give, its constructor's arguments ask for.
pub fn borrow_methods(handlers: &'static Handlers, child: &'static std::ffi::CStr, lends: fn(&zend_object) -> bool) {
    static LENDS: std::sync::OnceLock<fn(&zend_object) -> bool> = std::sync::OnceLock::new();
    unsafe extern "C" fn ask(object: *mut zend_object) -> bool {
        // SAFETY: called by the handler, with the object whose method is called.
        LENDS.get().is_some_and(|lends| lends(unsafe { &*object }))
    }
    let _ = LENDS.set(lends);
    // SAFETY: start-up; the handlers are filled already and not used yet; the name is static.
    unsafe { sys::swrs_handlers_lend(handlers.as_ptr(), child.as_ptr(), ask) }
}
