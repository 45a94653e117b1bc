//! Names to addresses, looked up on the blocking pool and kept for a while.

use std::ffi::CString;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use coroutine::Wake;

use super::{require_coroutine, timeout};
use crate::php::code::{Code, set_last};
use crate::php::{report, settings};
use crate::zend::error::{E_WARNING, check};
use crate::zend::{Call, PhpResult, Value, Zval, ZvalExt};

/// `dns_cache_expire`, in seconds; 0 and below is for ever.
pub fn set_expiry(seconds: f64) {
    let expiry = Duration::try_from_secs_f64(seconds).ok().filter(|expiry| !expiry.is_zero());
    net::set_cache_expiry(expiry);
    ::runtime::keep_names_for(expiry);
}

/// `dns_cache_capacity`, in names; 0 keeps none.
pub fn set_capacity(names: usize) {
    net::set_cache_capacity(names);
    ::runtime::keep_names(names);
}

/// Back to the defaults: the system's servers, a thousand names for a minute.
pub fn reset() {
    net::set_server(None);
    set_expiry(60.0);
    set_capacity(1000);
}

/// What is looked up.
#[derive(Clone)]
struct Query {
    name: CString,
    family: i32,
    kind: i32,
    protocol: i32,
    service: Option<CString>,
}

/// getaddrinfo(3), on a pool thread: the addresses, each once, in the resolver's order.
fn resolve(query: &Query) -> Result<Vec<IpAddr>, i32> {
    // SAFETY: zero is a value of all fields.
    let mut hints: libc::addrinfo = unsafe { std::mem::zeroed() };
    hints.ai_family = query.family;
    hints.ai_socktype = query.kind;
    hints.ai_protocol = query.protocol;
    let service = query.service.as_ref().map_or(std::ptr::null(), |service| service.as_ptr());
    let mut list = std::ptr::null_mut();
    // SAFETY: C strings, a filled struct, and an out slot (getaddrinfo(3)).
    let code = unsafe { libc::getaddrinfo(query.name.as_ptr(), service, &hints, &mut list) };
    if code != 0 {
        return Err(code);
    }
    let mut found = Vec::new();
    let mut entry = list;
    while !entry.is_null() {
        // SAFETY: a node of the list; the address has the layout that its family says.
        let address = unsafe {
            let (family, address) = ((*entry).ai_family, (*entry).ai_addr);
            entry = (*entry).ai_next;
            match family {
                libc::AF_INET => {
                    let raw = (*address.cast::<libc::sockaddr_in>()).sin_addr.s_addr;
                    IpAddr::V4(Ipv4Addr::from(u32::from_be(raw)))
                }
                libc::AF_INET6 => IpAddr::V6(Ipv6Addr::from((*address.cast::<libc::sockaddr_in6>()).sin6_addr.s6_addr)),
                _ => continue,
            }
        };
        if !found.contains(&address) {
            found.push(address);
        }
    }
    // SAFETY: the list that getaddrinfo gave.
    unsafe { libc::freeaddrinfo(list) };
    Ok(found)
}

fn look_up(query: &Query, limit: Option<Duration>) -> Option<Vec<IpAddr>> {
    let work = query.clone();
    match coroutine::blocking_for(limit, move || resolve(&work)) {
        Ok(Ok(found)) if !found.is_empty() => Some(found),
        Ok(_) => {
            set_last(Code::DNSLOOKUP_RESOLVE_FAILED);
            None
        }
        Err(wake) => {
            set_last(if wake == Wake::Timeout { Code::DNSLOOKUP_RESOLVE_TIMEOUT } else { Code::CO_CANCELED });
            None
        }
    }
}

/// Waits for ever at 0 and below.
fn limit(seconds: f64) -> Option<Duration> {
    timeout(seconds).filter(|time| !time.is_zero())
}

fn is_family(family: i64) -> bool {
    family == i64::from(libc::AF_INET) || family == i64::from(libc::AF_INET6)
}

fn no(ret: &mut Zval, message: &str) -> PhpResult {
    ret.set_bool(false);
    report::fatal(E_WARNING, message);
    Ok(())
}

/// The first address of a name, or one by chance under `dns_lookup_random`; from the cache when there.
fn one_address(name: &[u8], family: i32, limit: Option<Duration>) -> Option<String> {
    let name = String::from_utf8_lossy(name);
    if let Some(address) = net::cached(&name, family) {
        return Some(address.to_string());
    }
    // An address in digits is its own, and no server's business.
    if let Ok(address) = name.parse::<IpAddr>()
        && address.is_ipv6() == (family == libc::AF_INET6)
    {
        return Some(address.to_string());
    }
    let (found, ttl) = match net::resolve_fresh(&name, family, limit) {
        Ok(found) => found,
        Err(error) => {
            set_last(match error {
                net::ResolveError::Timeout => Code::DNSLOOKUP_RESOLVE_TIMEOUT,
                net::ResolveError::Canceled => Code::CO_CANCELED,
                net::ResolveError::Failed(_) => Code::DNSLOOKUP_RESOLVE_FAILED,
            });
            return None;
        }
    };
    let at = if settings::read(|settings| settings.dns_lookup_random) { chance() } else { 0 };
    let address = *found.get(at % found.len().max(1))?;
    net::remember(&name, family, address, ttl);
    Some(address.to_string())
}

/// A number that differs from call to call, for spreading load.
fn chance() -> usize {
    use std::hash::{BuildHasher, Hasher};
    std::hash::RandomState::new().build_hasher().finish() as usize
}

/// `System::gethostbyname(string $domain_name, int $type = AF_INET, float $timeout = -1): string|false`
pub fn gethostbyname(call: &mut Call, ret: &mut Zval) -> PhpResult {
    require_coroutine()?;
    let mut args = call.args(1, 3)?;
    let name = args.bytes()?;
    let family = args.opt_long()?.unwrap_or(i64::from(libc::AF_INET));
    let seconds = args.opt_double()?.unwrap_or(-1.0);
    if name.is_empty() {
        return no(ret, "domain name is empty");
    }
    if !is_family(family) {
        return no(ret, "unknown protocol family, must be AF_INET or AF_INET6");
    }
    match one_address(name, family as i32, limit(seconds)) {
        Some(address) => ret.set_bytes(address.as_bytes()),
        None => ret.set_bool(false),
    }
    check()
}

/// `System::dnsLookup(string $domain_name, float $timeout = 60, int $type = AF_INET): string|false`
pub fn dns_lookup(call: &mut Call, ret: &mut Zval) -> PhpResult {
    require_coroutine()?;
    let mut args = call.args(1, 3)?;
    let name = args.bytes()?;
    let seconds = args.opt_double()?.unwrap_or(60.0);
    let family = args.opt_long()?.unwrap_or(i64::from(libc::AF_INET));
    if name.is_empty() {
        return no(ret, "domain name empty");
    }
    match one_address(name, if is_family(family) { family as i32 } else { libc::AF_INET }, limit(seconds)) {
        Some(address) => ret.set_bytes(address.as_bytes()),
        None => {
            // Whatever keeps the answer away, this one says that there is none.
            if crate::php::code::last() == Code::DNSLOOKUP_RESOLVE_TIMEOUT {
                set_last(Code::DNSLOOKUP_RESOLVE_FAILED);
            }
            ret.set_bool(false);
        }
    }
    check()
}

/// `System::getaddrinfo(string $domain, int $family = AF_INET, …): array|bool`
pub fn getaddrinfo(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(1, 6)?;
    let name = args.bytes()?;
    let family = args.opt_long()?.unwrap_or(i64::from(libc::AF_INET));
    let kind = args.opt_long()?.unwrap_or(i64::from(libc::SOCK_STREAM));
    let protocol = args.opt_long()?.unwrap_or(i64::from(libc::IPPROTO_TCP));
    let service = args.opt_bytes_or_null()?.filter(|service| !service.is_empty());
    let seconds = args.opt_double()?.unwrap_or(-1.0);
    if name.is_empty() {
        return no(ret, "hostname is empty");
    }
    if !is_family(family) {
        return no(ret, "unknown protocol family, must be AF_INET or AF_INET6");
    }
    require_coroutine()?;
    ret.set_bool(false);
    set_last(Code(0));
    let (Ok(name), Ok(service)) = (CString::new(name), service.map(CString::new).transpose()) else {
        set_last(Code::DNSLOOKUP_RESOLVE_FAILED);
        return Ok(());
    };
    let query = Query { name, family: family as i32, kind: kind as i32, protocol: protocol as i32, service };
    let found = look_up(&query, limit(seconds));
    if crate::php::code::last() == Code::DNSLOOKUP_RESOLVE_TIMEOUT {
        set_last(Code::CO_TIMEDOUT);
    }
    if let Some(found) = found {
        let mut list = Value::array(found.len() as u32);
        let mut array = list.array_mut();
        for address in &found {
            array.push(Value::string(address.to_string().as_bytes()));
        }
        list.give(ret);
    }
    check()
}

/// `swoole_clear_dns_cache(): void`
pub fn clear_cache(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    net::clear_cache();
    ::runtime::forget_names();
    Ok(())
}
