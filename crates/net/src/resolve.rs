//! Host names to addresses: literals at once, names by getaddrinfo(3) on the blocking pool, with a cache.

use std::collections::HashMap;
use std::ffi::CString;
use std::net::IpAddr;
use std::ptr;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use crate::address::Address;

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ResolveError {
    #[error("the name is not known (getaddrinfo code {0})")]
    Failed(i32),
    #[error("no answer in time")]
    Timeout,
    #[error("cancelled")]
    Canceled,
}

/// How long an answer is kept (`dns_cache_expire`) and how many (`dns_cache_capacity`).
static CACHE: OnceLock<Mutex<HashMap<(String, i32), (IpAddr, Instant)>>> = OnceLock::new();
const KEEP: Duration = Duration::from_secs(60);
const CAPACITY: usize = 1000;

fn cache() -> std::sync::MutexGuard<'static, HashMap<(String, i32), (IpAddr, Instant)>> {
    CACHE.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner)
}

/// Forgets all answers.
pub fn clear_cache() {
    cache().clear();
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
    let key = (host.to_owned(), family);
    if let Some((ip, until)) = cache().get(&key).copied()
        && until > Instant::now()
    {
        return Ok(ip);
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
    let ip = result.map_err(ResolveError::Failed)?;
    let mut cache = cache();
    if cache.len() >= CAPACITY {
        let now = Instant::now();
        cache.retain(|_, (_, until)| *until > now);
        if cache.len() >= CAPACITY {
            cache.clear();
        }
    }
    cache.insert(key, (ip, Instant::now() + KEEP));
    Ok(ip)
}

fn lookup(name: &CString, family: i32) -> Result<IpAddr, i32> {
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
        let mut found = Err(libc::EAI_NONAME);
        let mut entry: *const libc::addrinfo = list;
        while let Some(info) = entry.as_ref() {
            let mut address = Address::buffer();
            let length = info.ai_addrlen.min(address.len());
            ptr::copy_nonoverlapping(info.ai_addr.cast::<u8>(), address.as_mut_ptr().cast::<u8>(), length as usize);
            *address.len_mut() = length;
            if let Some(address) = address.socket_addr() {
                found = Ok(address.ip());
                break;
            }
            entry = info.ai_next;
        }
        libc::freeaddrinfo(list);
        found
    }
}
