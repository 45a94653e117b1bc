use std::ffi::CStr;
use crate::zend::{Call, PhpResult, Zval};
use crate::zend::registration::ConstantValue;
pub const VERSION_C: &CStr = c"6.2.2";
pub const INFO: &[(&CStr, &CStr)] = &[(c"Version", c"6.2.2")];
pub fn version(_call: &mut Call, ret: &mut Zval) -> PhpResult { let _ = ret.set_string("6.2.2", false); Ok(()) }
pub fn rs_version() -> ConstantValue { ConstantValue::Text(c"0.1.0") }
