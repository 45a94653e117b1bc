//! Swoole\Runtime.

use ::runtime::HookFlags;

use crate::php::lifecycle::is_cli;
use crate::runtime;
use crate::zend::call::Args;
use crate::zend::error::{E_ERROR, docref, warning};
use crate::zend::{Call, PhpResult, Thrown, Zval};

const ALL: u32 = HookFlags::ALL.bits();

/// `Runtime::enableCoroutine(int $flags = SWOOLE_HOOK_ALL): bool`, and as older programs call it:
/// `(bool $enable = true, int $flags = SWOOLE_HOOK_ALL)`.
pub fn enable_coroutine(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(0, 2)?;
    let flags = match args.opt_value() {
        None => ALL,
        Some(on) if on.is_true() => second(&mut args)?,
        Some(on) if on.is_false() => 0,
        Some(_) => call.args(0, 2)?.long()? as u32,
    };
    enable(flags, ret)
}

fn second(args: &mut Args) -> PhpResult<u32> {
    Ok(args.opt_long()?.map_or(ALL, |flags| flags as u32))
}

/// `Runtime::setHookFlags(int $flags): bool`
pub fn set_hook_flags(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let flags = call.args(1, 1)?.long()? as u32;
    enable(flags, ret)
}

/// `Runtime::getHookFlags(): int`
pub fn get_hook_flags(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    ret.set_long(i64::from(runtime::flags()));
    Ok(())
}

/// `Runtime::enableStrictMode(): void`
pub fn enable_strict_mode(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    crate::php::blocking::be_strict();
    Ok(())
}

fn enable(flags: u32, ret: &mut Zval) -> PhpResult {
    if !is_cli() {
        docref(E_ERROR, "must be used in PHP CLI mode");
        return Err(Thrown::Bailout);
    }
    let (curl, native) = (HookFlags::CURL.bits(), HookFlags::NATIVE_CURL.bits());
    runtime::enable(flags);
    if flags & curl != 0 && flags & native != 0 {
        warning("cannot enable both hooks HOOK_NATIVE_CURL and HOOK_CURL at same time");
    }
    ret.set_bool(true);
    Ok(())
}
