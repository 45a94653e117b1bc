//! Cookies of a response.

use protocol::cookie::SetCookie;

use super::{COOKIE, make_array, writable};
use crate::php::http::cookie;
use crate::php::report;
use crate::zend::error::E_WARNING;
use crate::zend::registration::ce;
use crate::zend::{Args, Call, ObjectExt, PhpResult, Value, Zval, ZvalExt};

fn add_cookie(call: &mut Call, ret: &mut Zval, encode: bool) -> PhpResult {
    let mut args = call.args(1, 10)?;
    let first = args.value()?;
    let made = if first.is_object() {
        let class = ce::http_cookie();
        let Some(object) = first.obj().filter(|object| object.is_a(class)) else {
            return not_a_cookie(ret);
        };
        let made = cookie::with(object, |fields| cookie::encode(&fields.as_cookie()))?;
        if made.is_err() {
            cookie::with(object, |fields| *fields = cookie::Fields::default())?;
        }
        made
    } else {
        let Some(name) = first.bytes() else { return not_a_cookie(ret) };
        cookie::encode(&cookie_of(name, &mut args, encode)?)
    };
    let this = call.this();
    if writable(this, ret).is_none() {
        return Ok(());
    }
    match made {
        Ok(text) => {
            let slot = this.slot(COOKIE);
            make_array(slot);
            if let Some(mut array) = slot.as_array_mut() {
                array.push(Value::string(&text));
            }
            ret.set_bool(true);
        }
        Err(problem) => {
            report::notice(E_WARNING, problem);
            ret.set_bool(false);
        }
    }
    Ok(())
}

fn not_a_cookie(ret: &mut Zval) -> PhpResult {
    report::notice(E_WARNING, "The first argument must be a string or an cookie object");
    ret.set_bool(false);
    Ok(())
}

fn cookie_of<'a>(name: &'a [u8], args: &mut Args, encode: bool) -> PhpResult<SetCookie<'a>> {
    Ok(SetCookie {
        name,
        encode,
        value: args.opt_bytes()?.unwrap_or_default(),
        expires: args.opt_long()?.unwrap_or(0),
        path: args.opt_bytes()?.unwrap_or_default(),
        domain: args.opt_bytes()?.unwrap_or_default(),
        secure: args.opt_bool()?.unwrap_or(false),
        http_only: args.opt_bool()?.unwrap_or(false),
        same_site: args.opt_bytes()?.unwrap_or_default(),
        priority: args.opt_bytes()?.unwrap_or_default(),
        partitioned: args.opt_bool()?.unwrap_or(false),
    })
}

/// `Response::cookie(Cookie|string $name_or_object, …): bool`
pub fn cookie(call: &mut Call, ret: &mut Zval) -> PhpResult {
    add_cookie(call, ret, true)
}

pub fn set_cookie(call: &mut Call, ret: &mut Zval) -> PhpResult {
    add_cookie(call, ret, true)
}

/// `Response::rawcookie(Cookie|string $name_or_object, …): bool`
pub fn rawcookie(call: &mut Call, ret: &mut Zval) -> PhpResult {
    add_cookie(call, ret, false)
}

pub fn set_raw_cookie(call: &mut Call, ret: &mut Zval) -> PhpResult {
    add_cookie(call, ret, false)
}
