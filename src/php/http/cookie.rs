//! Swoole\Http\Cookie.

use std::cell::RefCell;

use protocol::cookie::{CookieError, SetCookie};

use crate::php::report;
use crate::zend::error::E_WARNING;
use crate::zend::{Call, ClassEntry, ClassState, Handlers, PhpResult, Value, ZendObject, Zval, ZvalExt, class_state, state_of};

/// A cookie under construction.
#[derive(Clone, Debug)]
pub struct Fields {
    pub name: Vec<u8>,
    pub value: Vec<u8>,
    pub encode: bool,
    pub expires: i64,
    pub path: Vec<u8>,
    pub domain: Vec<u8>,
    pub secure: bool,
    pub http_only: bool,
    pub same_site: Vec<u8>,
    pub priority: Vec<u8>,
    pub partitioned: bool,
}

impl Default for Fields {
    fn default() -> Self {
        Self {
            name: Vec::new(),
            value: Vec::new(),
            encode: true,
            expires: 0,
            path: Vec::new(),
            domain: Vec::new(),
            secure: false,
            http_only: false,
            same_site: Vec::new(),
            priority: Vec::new(),
            partitioned: false,
        }
    }
}

impl Fields {
    pub fn as_cookie(&self) -> SetCookie<'_> {
        SetCookie {
            name: &self.name,
            value: &self.value,
            encode: self.encode,
            expires: self.expires,
            path: &self.path,
            domain: &self.domain,
            secure: self.secure,
            http_only: self.http_only,
            same_site: &self.same_site,
            priority: &self.priority,
            partitioned: self.partitioned,
        }
    }
}

/// The value of a `Set-Cookie` field, or what is wrong with it.
pub fn encode(cookie: &SetCookie<'_>) -> Result<Vec<u8>, &'static str> {
    let now = (crate::server::now_us() / 1_000_000) as i64;
    let mut out = Vec::with_capacity(cookie.name.len() + cookie.value.len() + 32);
    cookie.encode(now, &mut out).map(|()| out).map_err(text)
}

fn text(error: CookieError) -> &'static str {
    match error {
        CookieError::EmptyName => "The name cannot be empty",
        CookieError::Name => r#"The name cannot contain "=", ",", ";", " ", "\t", "\r", "\n", "\013", or "\014""#,
        CookieError::Value => r#"The value cannot contain ",", ";", " ", "\t", "\r", "\n", "\013", or "\014""#,
        CookieError::Expires => "The expires cannot have a year greater than 9999",
        CookieError::Path => r#"The path option cannot contain ",", ";", " ", "\t", "\r", "\n", "\013", or "\014""#,
        CookieError::Domain => r#"The domain option cannot contain ",", ";", " ", "\t", "\r", "\n", "\013", or "\014""#,
        CookieError::Attribute => {
            r#"The sameSite and priority options cannot contain ",", ";", " ", "\t", "\r", "\n", "\013", or "\014""#
        }
    }
}

#[derive(Default)]
pub struct State(RefCell<Option<Fields>>);

static HANDLERS: Handlers = Handlers::new();

impl ClassState for State {
    fn handlers() -> &'static Handlers {
        &HANDLERS
    }
}

pub fn class_init(class: &mut ClassEntry) {
    class_state::<State>(class);
}

/// Runs `work` on the cookie behind `object`.
///
/// # Errors
/// Its constructor never ran.
pub fn with<T>(object: &ZendObject, work: impl FnOnce(&mut Fields) -> T) -> PhpResult<T> {
    // SAFETY: the handlers of this class and its children only.
    let state = unsafe { state_of::<State>(object) };
    match state.0.borrow_mut().as_mut() {
        Some(fields) => Ok(work(fields)),
        None => {
            let class = crate::zend::registration::ce::exception();
            Err(crate::zend::error::throw(
                class,
                i64::from(crate::php::code::Code::HTTP_COOKIE_UNAVAILABLE.0),
                "must call constructor first",
            ))
        }
    }
}

/// Sets a field and gives the object back, for chains.
fn set(call: &mut Call, ret: &mut Zval, work: impl FnOnce(&mut Fields)) -> PhpResult {
    let this = call.this();
    with(this, work)?;
    Value::object(this).give(ret);
    Ok(())
}

pub fn construct(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let encode = call.args(0, 1)?.opt_bool()?.unwrap_or(true);
    // SAFETY: as in `with`.
    let state = unsafe { state_of::<State>(call.this()) };
    *state.0.borrow_mut() = Some(Fields { encode, ..Fields::default() });
    Ok(())
}

fn text_field(call: &mut Call, ret: &mut Zval, least: u32, field: fn(&mut Fields) -> &mut Vec<u8>) -> PhpResult {
    let text = call.args(least, 1)?.opt_bytes()?.unwrap_or_default();
    set(call, ret, |fields| *field(fields) = text.to_vec())
}

fn flag(call: &mut Call, ret: &mut Zval, field: fn(&mut Fields) -> &mut bool) -> PhpResult {
    let on = call.args(0, 1)?.opt_bool()?.unwrap_or(false);
    set(call, ret, |fields| *field(fields) = on)
}

pub fn with_name(call: &mut Call, ret: &mut Zval) -> PhpResult {
    text_field(call, ret, 1, |fields| &mut fields.name)
}

pub fn with_value(call: &mut Call, ret: &mut Zval) -> PhpResult {
    text_field(call, ret, 0, |fields| &mut fields.value)
}

pub fn with_path(call: &mut Call, ret: &mut Zval) -> PhpResult {
    text_field(call, ret, 0, |fields| &mut fields.path)
}

pub fn with_domain(call: &mut Call, ret: &mut Zval) -> PhpResult {
    text_field(call, ret, 0, |fields| &mut fields.domain)
}

pub fn with_same_site(call: &mut Call, ret: &mut Zval) -> PhpResult {
    text_field(call, ret, 0, |fields| &mut fields.same_site)
}

pub fn with_priority(call: &mut Call, ret: &mut Zval) -> PhpResult {
    text_field(call, ret, 0, |fields| &mut fields.priority)
}

pub fn with_secure(call: &mut Call, ret: &mut Zval) -> PhpResult {
    flag(call, ret, |fields| &mut fields.secure)
}

pub fn with_http_only(call: &mut Call, ret: &mut Zval) -> PhpResult {
    flag(call, ret, |fields| &mut fields.http_only)
}

pub fn with_partitioned(call: &mut Call, ret: &mut Zval) -> PhpResult {
    flag(call, ret, |fields| &mut fields.partitioned)
}

pub fn with_expires(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let at = call.args(0, 1)?.opt_long()?.unwrap_or(0);
    set(call, ret, |fields| fields.expires = at)
}

/// `Cookie::toString(): string|false`
pub fn to_string(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    let this = call.this();
    match with(this, |fields| encode(&fields.as_cookie()))? {
        Ok(text) => ret.set_bytes(&text),
        Err(problem) => {
            with(this, |fields| *fields = Fields::default())?;
            report::notice(E_WARNING, problem);
            ret.set_bool(false);
        }
    }
    Ok(())
}

/// `Cookie::toArray(): array`
pub fn to_array(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    let made = with(call.this(), |fields| {
        let mut all = Value::array(11);
        let mut array = all.array_mut();
        for (key, text) in [
            ("name", &fields.name),
            ("value", &fields.value),
            ("path", &fields.path),
            ("domain", &fields.domain),
            ("sameSite", &fields.same_site),
            ("priority", &fields.priority),
        ] {
            array.set(key, Value::string(text));
        }
        array.set("encode", Value::bool(fields.encode));
        array.set("expires", Value::long(fields.expires));
        array.set("secure", Value::bool(fields.secure));
        array.set("httpOnly", Value::bool(fields.http_only));
        array.set("partitioned", Value::bool(fields.partitioned));
        all
    })?;
    made.give(ret);
    Ok(())
}

/// `Cookie::reset(): void`
pub fn reset(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    with(call.this(), |fields| *fields = Fields::default())
}
