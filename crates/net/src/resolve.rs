//! Host names to addresses: literals at once, names by getaddrinfo(3) on the blocking pool, with a cache.

use std::collections::HashMap;
use std::ffi::CString;
use std::net::{IpAddr, SocketAddr};
use std::ptr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::address::Address;
use crate::dns;

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ResolveError {
    #[error("the name is not known (getaddrinfo code {0})")]
    Failed(i32),
    #[error("no answer in time")]
    Timeout,
    #[error("cancelled")]
    Canceled,
}

/// An address with the time it ends, if it does.
type Kept = (IpAddr, Option<Instant>);

/// Answers by name and family.
struct Cache {
    entries: Option<HashMap<(String, i32), Kept>>,
    expiry: Option<Duration>,
    capacity: usize,
}

static CACHE: Mutex<Cache> = Mutex::new(Cache { entries: None, expiry: Some(Duration::from_secs(60)), capacity: 1000 });
static SERVER: Mutex<Option<SocketAddr>> = Mutex::new(None);

fn cache() -> MutexGuard<'static, Cache> {
    CACHE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How long answers to come are kept at most; `None` for ever.
pub fn set_cache_expiry(expiry: Option<Duration>) {
    cache().expiry = expiry;
}

/// How many answers are kept; those that there are go.
pub fn set_cache_capacity(names: usize) {
    let mut cache = cache();
    cache.capacity = names;
    cache.entries = None;
}

/// Forgets all answers.
pub fn clear_cache() {
    cache().entries = None;
}

/// The address kept for a name.
pub fn cached(host: &str, family: i32) -> Option<IpAddr> {
    let cache = cache();
    let (ip, until) = cache.entries.as_ref()?.get(&(host.to_owned(), family)).copied()?;
    until.is_none_or(|until| Instant::now() < until).then_some(ip)
}

/// Keeps an address, no longer than `ttl` where the answer had one.
pub fn remember(host: &str, family: i32, ip: IpAddr, ttl: Option<Duration>) {
    let mut cache = cache();
    let keep = match (cache.expiry, ttl) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    };
    let capacity = cache.capacity;
    if capacity == 0 || keep.is_some_and(|keep| keep.is_zero()) {
        return;
    }
    let entries = cache.entries.get_or_insert_default();
    let now = Instant::now();
    if entries.len() >= capacity {
        entries.retain(|_, (_, until)| until.is_none_or(|until| now < until));
        // Who ends first goes first; those without an end last.
        let first = entries.iter().min_by_key(|(_, (_, until))| (until.is_none(), *until)).map(|(key, _)| key.clone());
        if let Some(first) = first.filter(|_| entries.len() >= capacity) {
            entries.remove(&first);
        }
    }
    entries.insert((host.to_owned(), family), (ip, keep.and_then(|keep| now.checked_add(keep))));
}

/// The name server to ask instead of the system's; `None` asks the system (hosts(5), resolv.conf(5)).
pub fn set_server(server: Option<SocketAddr>) {
    *SERVER.lock().unwrap_or_else(PoisonError::into_inner) = server;
}

/// `1.1.1.1`, `1.1.1.1:53`, `::1` or `[::1]:53`.
pub fn server_of(text: &str) -> Option<SocketAddr> {
    const DNS: u16 = 53;
    text.parse().ok().or_else(|| text.parse().ok().map(|ip| SocketAddr::new(ip, DNS)))
}

/// The first address of `host` in `family` (`AF_UNSPEC` for any). Suspends in a coroutine, blocks outside.
///
/// # Errors
/// See [`ResolveError`].
pub fn resolve(host: &str, family: i32, timeout: Option<Duration>) -> Result<IpAddr, ResolveError> {
    if let Ok(ip) = host.parse::<IpAddr>() {
        let fits = match ip {
            IpAddr::V4(_) => family != libc::AF_INET6,
            IpAddr::V6(_) => family != libc::AF_INET,
        };
        return if fits { Ok(ip) } else { Err(ResolveError::Failed(libc::EAI_FAMILY)) };
    }
    if let Some(ip) = cached(host, family) {
        return Ok(ip);
    }
    let (addresses, ttl) = resolve_fresh(host, family, timeout)?;
    let ip = *addresses.first().ok_or(ResolveError::Failed(libc::EAI_NONAME))?;
    remember(host, family, ip, ttl);
    Ok(ip)
}

/// All addresses of a name, past the cache, each once; how long they hold where a name server has told.
///
/// # Errors
/// See [`ResolveError`].
pub fn resolve_fresh(
    host: &str,
    family: i32,
    timeout: Option<Duration>,
) -> Result<(Vec<IpAddr>, Option<Duration>), ResolveError> {
    let server = *SERVER.lock().unwrap_or_else(PoisonError::into_inner);
    // RFC 6761, 6.3: no name server is asked for this one.
    if let Some(server) = server.filter(|_| !host.eq_ignore_ascii_case("localhost")) {
        return dns::ask(server, host, family, timeout).map(|answer| (answer.addresses, Some(answer.ttl)));
    }
    let name = CString::new(host).map_err(|_| ResolveError::Failed(libc::EAI_NONAME))?;
    let result = if coroutine::in_coroutine() {
        match coroutine::blocking_for(timeout, move || lookup(&name, family)) {
            Ok(result) => result,
            Err(coroutine::Wake::Timeout) => return Err(ResolveError::Timeout),
            Err(_) => return Err(ResolveError::Canceled),
        }
    } else {
        lookup(&name, family)
    };
    result.map(|addresses| (addresses, None)).map_err(ResolveError::Failed)
}

fn lookup(name: &CString, family: i32) -> Result<Vec<IpAddr>, i32> {
    // SAFETY: zeroed hints are valid; the list is freed below and not used afterwards.
    unsafe {
        let mut hints: libc::addrinfo = std::mem::zeroed();
        hints.ai_family = family;
        hints.ai_socktype = libc::SOCK_STREAM;
        let mut list = ptr::null_mut();
        let code = libc::getaddrinfo(name.as_ptr(), ptr::null(), &hints, &mut list);
        if code != 0 {
            return Err(code);
        }
        let mut found = Vec::new();
        let mut entry: *const libc::addrinfo = list;
        while let Some(info) = entry.as_ref() {
            let mut address = Address::buffer();
            let length = info.ai_addrlen.min(address.len());
            ptr::copy_nonoverlapping(info.ai_addr.cast::<u8>(), address.as_mut_ptr().cast::<u8>(), length as usize);
            *address.len_mut() = length;
            if let Some(ip) = address.socket_addr().map(|address| address.ip())
                && !found.contains(&ip)
            {
                found.push(ip);
            }
            entry = info.ai_next;
        }
        libc::freeaddrinfo(list);
        if found.is_empty() { Err(libc::EAI_NONAME) } else { Ok(found) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_an_address_with_or_without_a_port() {
        let port = |text| server_of(text).map(|server| (server.ip().to_string(), server.port()));
        assert_eq!(port("1.2.3.4"), Some(("1.2.3.4".to_owned(), 53)));
        assert_eq!(port("1.2.3.4:5353"), Some(("1.2.3.4".to_owned(), 5353)));
        assert_eq!(port("::1"), Some(("::1".to_owned(), 53)));
        assert_eq!(port("[::1]:54"), Some(("::1".to_owned(), 54)));
        assert_eq!(port("dns.example"), None);
    }

    #[test]
    fn the_cache_holds_so_many_names_so_long() {
        let ip = IpAddr::from([10, 1, 1, 1]);
        set_cache_capacity(2);
        remember("one.test", 2, ip, Some(Duration::from_secs(30)));
        remember("two.test", 2, ip, Some(Duration::from_secs(40)));
        remember("three.test", 2, ip, None);
        assert_eq!(cached("one.test", 2), None);
        assert_eq!([cached("two.test", 2), cached("three.test", 2)], [Some(ip); 2]);
        assert_eq!(cached("two.test", 10), None);
        remember("zero.test", 2, ip, Some(Duration::ZERO));
        assert_eq!(cached("zero.test", 2), None);
        clear_cache();
        assert_eq!(cached("two.test", 2), None);
        set_cache_capacity(1000);
    }
}
