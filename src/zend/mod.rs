//! The only room that names raw Zend symbols; the C files beside it hold what is a macro or a setjmp in C.

pub mod array;
pub mod call;
pub mod callable;
pub mod error;
pub mod guard;
pub mod host;
pub mod inspect;
pub mod invoke;
pub mod lazy;
pub mod object;
pub mod property;
pub mod registration;
pub mod replace;
pub mod resource;
pub mod sockets;
pub mod stream;
pub mod string;
pub mod sys;
pub mod trace;
pub mod value;
pub mod watch;

pub use array::{Array, ArrayMut, Pattern};
pub use call::{Args, Call};
pub use callable::Callable;
pub use error::{PhpResult, Thrown, panicked};
pub use guard::{Ended, guarded};
pub use object::{ClassState, GcBuffer, Handlers, ObjectExt, class_state, new_object, state_of};
pub use string::ZStr;
pub use value::{Value, ZvalExt};

pub use ext_php_rs::types::Zval;
pub use ext_php_rs::zend::ClassEntry;
pub use sys::zend_object as ZendObject;

/// Ends the request: jumps to the innermost guard. Only the trampolines call it, when no Rust frame owns
/// anything any more.
pub fn bailout() -> ! {
    // SAFETY: by the contract above.
    unsafe { sys::swrs_bailout() }
}
