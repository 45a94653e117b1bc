//! Placeholder of the Zend layer: replaced by the full one.
pub mod registration;

use ext_php_rs::zend::ExecuteData;
pub use ext_php_rs::types::Zval;
pub use ext_php_rs::zend::ClassEntry;

pub enum Thrown { Exception, Bailout }
pub type PhpResult<T = ()> = Result<T, Thrown>;
pub struct Call(#[allow(dead_code)] *mut ExecuteData);
impl Call {
    pub unsafe fn new(ex: *mut ExecuteData) -> Self { Call(ex) }
}
pub fn bailout() {}
pub fn panicked(_: Box<dyn std::any::Any + Send>) -> Thrown { Thrown::Exception }
