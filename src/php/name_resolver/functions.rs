//! swoole_name_resolver_*: the resolvers in use, asked one after the other, and DNS behind them.

use std::cell::RefCell;

use super::context::{State, state};
use crate::php::report;
use crate::php::settings;
use crate::zend::error::E_WARNING;
use crate::zend::registration::ce;
use crate::zend::{Array, Call, ObjectExt, PhpResult, Value, ZendObject, Zval, ZvalExt, invoke};

thread_local! {
    static RESOLVERS: RefCell<Vec<Value>> = const { RefCell::new(Vec::new()) };
}

/// At the request's end, while its objects still live.
pub fn forget() {
    let all = RESOLVERS.with_borrow_mut(std::mem::take);
    drop(all);
}

fn all() -> Vec<Value> {
    RESOLVERS.with_borrow(Clone::clone)
}

fn is_resolver(object: &ZendObject) -> bool {
    object.is_a(ce::name_resolver())
}

/// Adds one; false after a warning when it is not a NameResolver.
fn append(object: &mut ZendObject) -> bool {
    if !is_resolver(object) {
        report::fatal(E_WARNING, "the given object is not an instance of Swoole\\NameResolver");
        return false;
    }
    let value = Value::object(object);
    RESOLVERS.with_borrow_mut(|all| all.push(value));
    true
}

/// `Coroutine::set(['name_resolver' => […]])`: these, and no others.
pub fn replace(list: Array<'_>) {
    forget();
    list.each(|_, value| {
        if let Some(object) = value.obj() {
            append(object);
        }
        true
    });
}

/// `swoole_name_resolver_add(NameResolver $ns): bool`
pub fn add(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let object = call.args(1, 1)?.object()?;
    ret.set_bool(append(object));
    Ok(())
}

/// `swoole_name_resolver_remove(NameResolver $ns): bool`
pub fn remove(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let object: *const ZendObject = call.args(1, 1)?.object()?;
    let removed = RESOLVERS.with_borrow_mut(|all| {
        let at = all.iter().position(|value| value.as_zval().obj().is_some_and(|other| std::ptr::eq(other, object)))?;
        Some(all.remove(at))
    });
    ret.set_bool(removed.is_some());
    Ok(())
}

/// `swoole_name_resolver_lookup(string $name, Context $ctx): string`
pub fn lookup(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(2, 2)?;
    let name = args.bytes()?;
    let context = args.object_of(ce::name_resolver_context())?;
    let found = resolve(name, state(context))?;
    ret.set_bytes(found.unwrap_or_default().as_slice());
    Ok(())
}

/// What a resolver answered.
enum Answer {
    Found(Vec<u8>),
    /// Nobody offers the name, and nobody else is to be asked.
    Nobody,
    AskOthers,
}

fn resolve(name: &[u8], context: &State) -> PhpResult<Option<Vec<u8>>> {
    for resolver in all() {
        match ask(&resolver, name, context)? {
            Answer::Found(address) => return Ok(Some(address)),
            Answer::Nobody => return Ok(None),
            Answer::AskOthers => {}
        }
    }
    let wait = settings::read(|settings| settings.dns_timeout);
    let found = net::resolve(&String::from_utf8_lossy(name), context.family.get(), wait);
    Ok(found.ok().map(|ip| ip.to_string().into_bytes()))
}

fn ask(resolver: &Value, name: &[u8], context: &State) -> PhpResult<Answer> {
    let Some(resolver) = resolver.as_zval().obj() else { return Ok(Answer::AskOthers) };
    let kept = context.cluster.borrow_mut().take();
    let mut cluster = None;
    if let Some(kept) = kept
        && let Some(object) = kept.as_zval().obj()
        && invoke::method(object, b"count", &mut [])?.as_zval().to_long() > 0
    {
        cluster = Some(kept);
    }
    let cluster = match cluster {
        Some(cluster) => cluster,
        None => invoke::method(resolver, b"lookup", &mut [Value::string(name).into_zval()])?,
    };
    let value = cluster.as_zval();
    if let Some(text) = value.bytes() {
        return Ok(if text.is_empty() { Answer::Nobody } else { Answer::Found(text.to_vec()) });
    }
    if let Some(node) = value.as_array() {
        return Ok(address(node, context).map_or(Answer::AskOthers, Answer::Found));
    }
    let Some(object) = value.obj() else { return Ok(Answer::AskOthers) };
    let node = invoke::method(object, b"pop", &mut [])?;
    *context.cluster.borrow_mut() = Some(cluster.clone());
    Ok(node.as_zval().as_array().and_then(|node| address(node, context)).map_or(Answer::AskOthers, Answer::Found))
}

fn address(node: Array<'_>, context: &State) -> Option<Vec<u8>> {
    let mut text = node.get("host")?.bytes()?.to_vec();
    if context.with_port.get() {
        text.extend(format!(":{}", node.get("port")?.to_long()).bytes());
    }
    Some(text)
}

/// The address of a host as the resolvers in use (and DNS) know it, for clients that connect; empty when nobody
/// does. None when there are no resolvers.
///
/// # Errors
/// What a resolver threw.
pub fn host_address(name: &[u8], family: i32) -> PhpResult<Option<Vec<u8>>> {
    if RESOLVERS.with_borrow(Vec::is_empty) || super::is_ip(name) {
        return Ok(None);
    }
    let context = State::default();
    context.family.set(family);
    Ok(Some(resolve(name, &context)?.unwrap_or_default()))
}
