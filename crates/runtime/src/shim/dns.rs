//! getaddrinfo, gethostby*, getnameinfo and the resolver: on the pool, with buffers of its own.

use std::cell::RefCell;
use std::collections::HashMap;
use std::ffi::{CStr, CString};

use libc::{addrinfo, c_char, c_int, c_uchar, c_void, hostent, size_t, sockaddr, sockaddr_storage, socklen_t};

use crate::engine::{Engine, current, pooled};
use crate::names::Names;
use crate::sys;
use crate::table::real_address;

/// What to move between threads although it holds a pointer.
struct Carry<T>(T);
// SAFETY: whoever sends it gives it up; the coroutine that receives it is the only other party.
unsafe impl<T> Send for Carry<T> {}

/// # Safety
/// `s` is null or NUL-terminated.
unsafe fn own(s: *const c_char) -> Option<CString> {
    // SAFETY: the caller's promise.
    (!s.is_null()).then(|| unsafe { CStr::from_ptr(s) }.to_owned())
}

fn as_ptr(s: &Option<CString>) -> *const c_char {
    s.as_ref().map_or(std::ptr::null(), |s| s.as_ptr())
}

/// A question to getaddrinfo, without the service: name, flags, family, kind, protocol.
type Question = (CString, [c_int; 4]);

/// Its answers, as addresses in digits.
static ADDRESSES: Names<Question, Vec<CString>> = Names::new();
/// Hosts by name and family.
static HOSTS: Names<(CString, c_int), Host> = Names::new();

/// The addresses of a list in digits, each once; none when one has no such form.
fn digits(list: *const addrinfo) -> Option<Vec<CString>> {
    let mut all = Vec::new();
    let mut at = list;
    // SAFETY: a list that getaddrinfo gave.
    while let Some(entry) = unsafe { at.as_ref() } {
        let mut text = [0 as c_char; 128];
        // SAFETY: an address with its length, a buffer with its own.
        let text = unsafe {
            let r = libc::getnameinfo(
                entry.ai_addr,
                entry.ai_addrlen,
                text.as_mut_ptr(),
                text.len() as socklen_t,
                std::ptr::null_mut(),
                0,
                libc::NI_NUMERICHOST,
            );
            if r != 0 {
                return None;
            }
            own(text.as_ptr())?
        };
        if !all.contains(&text) {
            all.push(text);
        }
        at = entry.ai_next;
    }
    Some(all)
}

/// A list of getaddrinfo's own making for addresses in digits, one after the other: freeaddrinfo frees each entry
/// by itself. Null when libc refuses one.
fn list_of(addresses: &[CString], service: *const c_char, hints: &addrinfo) -> *mut addrinfo {
    let mut first: *mut addrinfo = std::ptr::null_mut();
    for address in addresses.iter().rev() {
        let mut part = std::ptr::null_mut();
        // SAFETY: strings and hints that live across the call; the result is ours until it is given away.
        unsafe {
            if libc::getaddrinfo(address.as_ptr(), service, hints, &mut part) != 0 || part.is_null() {
                if !first.is_null() {
                    libc::freeaddrinfo(first);
                }
                return std::ptr::null_mut();
            }
            let mut last = part;
            while !(*last).ai_next.is_null() {
                last = (*last).ai_next;
            }
            (*last).ai_next = first;
        }
        first = part;
    }
    first
}

pub unsafe extern "C" fn getaddrinfo(
    node: *const c_char,
    service: *const c_char,
    hints: *const addrinfo,
    result: *mut *mut addrinfo,
) -> c_int {
    // SAFETY: the caller's arguments, unchanged.
    let real = || unsafe { libc::getaddrinfo(node, service, hints, result) };
    let Some(e) = current().filter(|_| !node.is_null() && !result.is_null()) else {
        return real();
    };
    // SAFETY: hints are null or valid, by getaddrinfo's contract.
    let hint = unsafe { hints.as_ref() }.map(|h| addrinfo {
        ai_addrlen: 0,
        ai_addr: std::ptr::null_mut(),
        ai_canonname: std::ptr::null_mut(),
        ai_next: std::ptr::null_mut(),
        ..*h
    });
    // An address in digits needs no resolver.
    // SAFETY: all-zero is a valid addrinfo.
    let mut numeric = hint.unwrap_or_else(|| unsafe { std::mem::zeroed() });
    numeric.ai_flags |= libc::AI_NUMERICHOST;
    // SAFETY: the caller's strings and result, hints of our own.
    let r = unsafe { libc::getaddrinfo(node, service, &numeric, result) };
    if r != libc::EAI_NONAME {
        return r;
    }
    // SAFETY: a string, by contract.
    let name = unsafe { own(node) }.unwrap_or_default();
    let question = (name, hint.map_or([0; 4], |h| [h.ai_flags, h.ai_family, h.ai_socktype, h.ai_protocol]));
    // A canonical name is not kept.
    let keeps = question.1[0] & libc::AI_CANONNAME == 0;
    if let Some(addresses) = ADDRESSES.find(&question).filter(|_| keeps) {
        let list = list_of(&addresses, service, &numeric);
        if !list.is_null() {
            // SAFETY: the caller's result, not null.
            unsafe { *result = list };
            return 0;
        }
    }
    // SAFETY: strings, by contract.
    let (node, service) = unsafe { (own(node), own(service)) };
    let hint = Carry(hint);
    let answer = pooled(e, "getaddrinfo", move || {
        let hint = hint;
        let mut list = std::ptr::null_mut();
        let hint = hint.0.as_ref().map_or(std::ptr::null(), |h| h as *const addrinfo);
        // SAFETY: the job's own strings and hints.
        let r = unsafe { libc::getaddrinfo(as_ptr(&node), as_ptr(&service), hint, &mut list) };
        (r, sys::errno(), Carry(list))
    });
    match answer {
        Some((r, code, list)) => {
            if r == 0 {
                if let Some(addresses) = digits(list.0).filter(|all| keeps && !all.is_empty()) {
                    ADDRESSES.keep(question, addresses);
                }
                // SAFETY: the caller's result, not null; freeaddrinfo frees what any thread made.
                unsafe { *result = list.0 };
            }
            sys::set_errno(code);
            r
        }
        None => real(),
    }
}

pub unsafe extern "C" fn getnameinfo(
    addr: *const sockaddr,
    addr_len: socklen_t,
    host: *mut c_char,
    host_len: socklen_t,
    service: *mut c_char,
    service_len: socklen_t,
    flags: c_int,
) -> c_int {
    // SAFETY: the caller's arguments, unchanged.
    let real = || unsafe { libc::getnameinfo(addr, addr_len, host, host_len, service, service_len, flags) };
    let fits = !addr.is_null() && addr_len as usize <= size_of::<sockaddr_storage>();
    let Some(e) = current().filter(|_| fits && flags & libc::NI_NUMERICHOST == 0) else {
        return real();
    };
    // SAFETY: all-zero is a valid address; `addr_len` bytes are readable and fit.
    let storage = unsafe {
        let mut s: sockaddr_storage = std::mem::zeroed();
        std::ptr::copy_nonoverlapping(addr.cast::<u8>(), (&raw mut s).cast(), addr_len as usize);
        s
    };
    let room = |p: *mut c_char, n: socklen_t| vec![0u8; if p.is_null() { 0 } else { n as usize }];
    let (mut h, mut s) = (room(host, host_len), room(service, service_len));
    let answer = pooled(e, "getnameinfo", move || {
        let at = |v: &mut Vec<u8>| {
            if v.is_empty() { std::ptr::null_mut() } else { v.as_mut_ptr().cast::<c_char>() }
        };
        // SAFETY: the job's own address and buffers.
        let r = unsafe {
            let from = (&raw const storage).cast();
            let (hl, sl) = (h.len() as socklen_t, s.len() as socklen_t);
            libc::getnameinfo(from, addr_len, at(&mut h), hl, at(&mut s), sl, flags)
        };
        (r, sys::errno(), h, s)
    });
    let Some((r, code, h, s)) = answer else { return real() };
    if r == 0 {
        // SAFETY: as long as the caller's buffers.
        unsafe {
            std::ptr::copy_nonoverlapping(h.as_ptr(), host.cast(), h.len());
            std::ptr::copy_nonoverlapping(s.as_ptr(), service.cast(), s.len());
        }
    }
    sys::set_errno(code);
    r
}

unsafe extern "C" {
    #[link_name = "gethostbyname2_r"]
    fn libc_gethostbyname2_r(
        name: *const c_char,
        family: c_int,
        ret: *mut hostent,
        buf: *mut c_char,
        len: size_t,
        result: *mut *mut hostent,
        h_errno: *mut c_int,
    ) -> c_int;
    #[link_name = "gethostbyaddr_r"]
    fn libc_gethostbyaddr_r(
        addr: *const c_void,
        addr_len: socklen_t,
        family: c_int,
        ret: *mut hostent,
        buf: *mut c_char,
        len: size_t,
        result: *mut *mut hostent,
        h_errno: *mut c_int,
    ) -> c_int;
    #[link_name = "gethostbyname"]
    fn libc_gethostbyname(name: *const c_char) -> *mut hostent;
    #[link_name = "gethostbyaddr"]
    fn libc_gethostbyaddr(addr: *const c_void, len: socklen_t, family: c_int) -> *mut hostent;
    fn __h_errno_location() -> *mut c_int;
}

/// A host as plain data, independent of anybody's buffer.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Host {
    name: CString,
    aliases: Vec<CString>,
    family: c_int,
    addresses: Vec<Vec<u8>>,
}

/// A lookup's end: the host, or h_errno with errno.
type Lookup = Result<Host, (c_int, c_int)>;

impl Host {
    /// # Safety
    /// `h` is a complete hostent.
    unsafe fn read(h: &hostent) -> Self {
        /// # Safety
        /// `list` is null or a null-terminated array.
        unsafe fn each(list: *mut *mut c_char, mut f: impl FnMut(*mut c_char)) {
            let mut at = list;
            // SAFETY: the caller's promise.
            unsafe {
                while !at.is_null() && !(*at).is_null() {
                    f(*at);
                    at = at.add(1);
                }
            }
        }
        let mut host = Host {
            // SAFETY: the resolver's own strings.
            name: unsafe { own(h.h_name) }.unwrap_or_default(),
            aliases: Vec::new(),
            family: h.h_addrtype,
            addresses: Vec::new(),
        };
        let len = usize::try_from(h.h_length).unwrap_or(0);
        // SAFETY: null-terminated lists of strings and of addresses of `h_length` bytes.
        unsafe {
            each(h.h_aliases, |s| host.aliases.extend(own(s)));
            each(h.h_addr_list, |a| {
                host.addresses.push(std::slice::from_raw_parts(a.cast::<u8>(), len).to_vec());
            });
        }
        host
    }

    /// Lays the host out in `buf`; false if it does not fit.
    ///
    /// # Safety
    /// `buf` holds `len` writable bytes.
    unsafe fn write(&self, ret: &mut hostent, buf: *mut c_char, len: usize) -> bool {
        let pointer = size_of::<usize>();
        let skew = buf.align_offset(pointer);
        let tables = (self.aliases.len() + self.addresses.len() + 2) * pointer;
        let bytes = self.addresses.iter().map(Vec::len).sum::<usize>()
            + self.aliases.iter().chain([&self.name]).map(|s| s.as_bytes_with_nul().len()).sum::<usize>();
        if buf.is_null() || len < skew + tables + bytes {
            return false;
        }
        // SAFETY: all offsets below stay under `skew + tables + bytes`, checked above, and the
        // pointer tables are aligned.
        unsafe {
            let list = buf.add(skew).cast::<*mut c_char>();
            let mut text = buf.add(skew + tables);
            let mut put = |data: &[u8]| {
                std::ptr::copy_nonoverlapping(data.as_ptr(), text.cast::<u8>(), data.len());
                let at = text;
                text = text.add(data.len());
                at
            };
            let mut entry = list;
            ret.h_addr_list = entry;
            for a in &self.addresses {
                entry.write(put(a));
                entry = entry.add(1);
            }
            entry.write(std::ptr::null_mut());
            entry = entry.add(1);
            ret.h_aliases = entry;
            for a in &self.aliases {
                entry.write(put(a.as_bytes_with_nul()));
                entry = entry.add(1);
            }
            entry.write(std::ptr::null_mut());
            ret.h_name = put(self.name.as_bytes_with_nul());
        }
        ret.h_addrtype = self.family;
        ret.h_length = self.addresses.first().map_or(0, Vec::len) as c_int;
        true
    }
}

/// Runs one of the resolver's `_r` functions with a buffer that grows until the answer fits.
fn resolve(call: impl Fn(*mut hostent, *mut c_char, usize, *mut *mut hostent, *mut c_int) -> c_int) -> Lookup {
    let mut buf = vec![0 as c_char; 2048];
    loop {
        // SAFETY: all-zero is a valid hostent.
        let mut ret: hostent = unsafe { std::mem::zeroed() };
        let mut result = std::ptr::null_mut();
        let mut h_errno = 0;
        let r = call(&mut ret, buf.as_mut_ptr(), buf.len(), &mut result, &mut h_errno);
        if r == libc::ERANGE && buf.len() < 1 << 20 {
            buf.resize(buf.len() * 2, 0);
            continue;
        }
        // SAFETY: a result that is not null is `ret`, complete, in `buf`.
        return match unsafe { result.as_ref() } {
            // SAFETY: as above.
            Some(h) if r == 0 => Ok(unsafe { Host::read(h) }),
            _ => Err((h_errno, if r == 0 { 0 } else { r })),
        };
    }
}

/// As [`by_name`], on the pool, unless the answer is known.
fn by_known_name(engine: &dyn Engine, name: &CStr, family: c_int) -> Option<Lookup> {
    let key = (name.to_owned(), family);
    if let Some(host) = HOSTS.find(&key) {
        return Some(Ok(host));
    }
    let query = key.0.clone();
    let answer = pooled(engine, "gethostbyname", move || by_name(&query, family))?;
    if let Ok(host) = &answer {
        HOSTS.keep(key, host.clone());
    }
    Some(answer)
}

fn by_name(name: &CStr, family: c_int) -> Lookup {
    // SAFETY: a string, and buffers from `resolve`.
    resolve(|ret, buf, len, result, h_errno| unsafe {
        libc_gethostbyname2_r(name.as_ptr(), family, ret, buf, len, result, h_errno)
    })
}

thread_local! {
    /// Calls that use the same `hostent`, counted: PHP's `gethostbyname` hands in a global one,
    /// and frees its buffer before each call.
    static TURNS: RefCell<HashMap<usize, u64>> = RefCell::new(HashMap::new());
    /// Answers that did not fit: the caller comes back with a larger buffer.
    static PARKED: RefCell<HashMap<(i64, CString, c_int), Lookup>> = RefCell::new(HashMap::new());
    /// What the functions without `_r` point into.
    static STATIC: RefCell<Option<Box<Static>>> = const { RefCell::new(None) };
}

struct Static {
    host: hostent,
    buf: Vec<c_char>,
}

/// A name that is an address in digits is its own answer.
fn is_numeric(name: &CStr) -> bool {
    name.to_bytes().iter().all(|b| b.is_ascii_digit() || *b == b'.') || name.to_bytes().contains(&b':')
}

fn park(key: (i64, CString, c_int), answer: Lookup) {
    PARKED.with(|p| {
        let mut p = p.borrow_mut();
        // Of callers that never came back.
        if p.len() > 1024 {
            p.clear();
        }
        p.insert(key, answer);
    });
}

fn turn(of: *mut hostent) -> u64 {
    TURNS.with(|t| {
        let mut t = t.borrow_mut();
        if t.len() > 1024 {
            t.clear();
        }
        let n = t.entry(of as usize).or_insert(0);
        *n += 1;
        *n
    })
}

pub unsafe extern "C" fn gethostbyname2_r(
    name: *const c_char,
    family: c_int,
    ret: *mut hostent,
    buf: *mut c_char,
    len: size_t,
    result: *mut *mut hostent,
    h_errno: *mut c_int,
) -> c_int {
    // SAFETY: the caller's arguments, unchanged.
    let real = || unsafe { libc_gethostbyname2_r(name, family, ret, buf, len, result, h_errno) };
    let Some(e) = current().filter(|_| !name.is_null() && !ret.is_null() && !result.is_null()) else {
        return real();
    };
    // SAFETY: a string, by contract.
    let text = unsafe { CStr::from_ptr(name) };
    let mine = turn(ret);
    if is_numeric(text) {
        return real();
    }
    let key = (e.current_id(), text.to_owned(), family);
    let parked = PARKED.with(|p| p.borrow_mut().remove(&key));
    let answer = match parked {
        Some(answer) => answer,
        None => {
            let Some(answer) = by_known_name(e, &key.1, family) else { return real() };
            // Another coroutine came by with the same hostent, and freed `buf`: the answer goes to a
            // place of ours. (ERANGE would make each of them double PHP's one buffer.)
            let stale = TURNS.with(|t| t.borrow().get(&(ret as usize)) != Some(&mine));
            if stale {
                let failed = answer.as_ref().err().map(|(_, errno)| *errno);
                // SAFETY: the caller's result and h_errno, on its own stack.
                unsafe {
                    *result = keep(answer);
                    if let (Some(h), true) = (h_errno.as_mut(), (*result).is_null()) {
                        *h = *__h_errno_location();
                    }
                }
                return failed.unwrap_or(0);
            }
            answer
        }
    };
    // SAFETY: pointers by gethostbyname_r's contract; `buf` was just checked to be this call's.
    unsafe { deliver(key, answer, ret, buf, len, result, h_errno) }
}

/// # Safety
/// The arguments of a `_r` function, all still valid.
unsafe fn deliver(
    key: (i64, CString, c_int),
    answer: Lookup,
    ret: *mut hostent,
    buf: *mut c_char,
    len: size_t,
    result: *mut *mut hostent,
    h_errno: *mut c_int,
) -> c_int {
    // SAFETY: the caller's promise.
    unsafe {
        *result = std::ptr::null_mut();
        match &answer {
            Ok(host) if host.write(&mut *ret, buf, len) => {
                *result = ret;
                0
            }
            Ok(_) => {
                park(key, answer);
                sys::set_errno(libc::ERANGE);
                libc::ERANGE
            }
            Err((code, errno)) => {
                if let Some(h) = h_errno.as_mut() {
                    *h = *code;
                }
                sys::set_errno(*errno);
                *errno
            }
        }
    }
}

pub unsafe extern "C" fn gethostbyname_r(
    name: *const c_char,
    ret: *mut hostent,
    buf: *mut c_char,
    len: size_t,
    result: *mut *mut hostent,
    h_errno: *mut c_int,
) -> c_int {
    // SAFETY: gethostbyname_r is gethostbyname2_r for AF_INET.
    unsafe { gethostbyname2_r(name, libc::AF_INET, ret, buf, len, result, h_errno) }
}

/// Puts an answer where the functions without `_r` keep theirs.
fn keep(answer: Lookup) -> *mut hostent {
    match answer {
        Ok(host) => STATIC.with(|s| {
            let mut s = s.borrow_mut();
            let place = s.get_or_insert_with(|| {
                // SAFETY: all-zero is a valid hostent.
                Box::new(Static { host: unsafe { std::mem::zeroed() }, buf: vec![0; 1024] })
            });
            loop {
                let (at, len) = (place.buf.as_mut_ptr(), place.buf.len());
                // SAFETY: the buffer's own pointer and length.
                if unsafe { host.write(&mut place.host, at, len) } {
                    return &raw mut place.host;
                }
                place.buf.resize(len * 2, 0);
            }
        }),
        Err((code, errno)) => {
            // SAFETY: glibc's location, valid for the calling thread.
            unsafe { *__h_errno_location() = code };
            sys::set_errno(errno);
            std::ptr::null_mut()
        }
    }
}

pub unsafe extern "C" fn gethostbyname(name: *const c_char) -> *mut hostent {
    // SAFETY: the caller's argument, unchanged.
    let real = || unsafe { libc_gethostbyname(name) };
    let Some(e) = current() else { return real() };
    // SAFETY: a string or null, by contract.
    let Some(text) = (unsafe { own(name) }).filter(|t| !is_numeric(t)) else { return real() };
    match by_known_name(e, &text, libc::AF_INET) {
        Some(answer) => keep(answer),
        None => real(),
    }
}

fn by_address(engine: &dyn Engine, addr: *const c_void, len: socklen_t, family: c_int) -> Option<Lookup> {
    if addr.is_null() || len > 64 {
        return None;
    }
    // SAFETY: `len` readable bytes, by gethostbyaddr's contract.
    let bytes = unsafe { std::slice::from_raw_parts(addr.cast::<u8>(), len as usize) }.to_vec();
    pooled(engine, "gethostbyaddr", move || {
        // SAFETY: the job's own address, and buffers from `resolve`.
        resolve(|ret, buf, room, result, h_errno| unsafe {
            libc_gethostbyaddr_r(bytes.as_ptr().cast(), len, family, ret, buf, room, result, h_errno)
        })
    })
}

pub unsafe extern "C" fn gethostbyaddr(addr: *const c_void, len: socklen_t, family: c_int) -> *mut hostent {
    match current().and_then(|e| by_address(e, addr, len, family)) {
        Some(answer) => keep(answer),
        // SAFETY: the caller's arguments, unchanged.
        None => unsafe { libc_gethostbyaddr(addr, len, family) },
    }
}

pub unsafe extern "C" fn gethostbyaddr_r(
    addr: *const c_void,
    addr_len: socklen_t,
    family: c_int,
    ret: *mut hostent,
    buf: *mut c_char,
    len: size_t,
    result: *mut *mut hostent,
    h_errno: *mut c_int,
) -> c_int {
    let ready = !ret.is_null() && !result.is_null();
    match current().filter(|_| ready).and_then(|e| by_address(e, addr, addr_len, family)) {
        Some(Ok(host)) => {
            // SAFETY: pointers by the call's contract.
            unsafe {
                let fits = host.write(&mut *ret, buf, len);
                *result = if fits { ret } else { std::ptr::null_mut() };
                if fits { 0 } else { libc::ERANGE }
            }
        }
        // SAFETY: as above.
        Some(Err((code, errno))) => unsafe {
            *result = std::ptr::null_mut();
            if let Some(h) = h_errno.as_mut() {
                *h = code;
            }
            errno
        },
        // SAFETY: the caller's arguments, unchanged.
        None => unsafe { libc_gethostbyaddr_r(addr, addr_len, family, ret, buf, len, result, h_errno) },
    }
}

macro_rules! resolver {
    ($($name:ident, $real:ident($($state:ident)?);)*) => {$(
        pub unsafe extern "C" fn $name(
            $($state: *mut c_void,)?
            name: *const c_char,
            class: c_int,
            kind: c_int,
            answer: *mut c_uchar,
            room: c_int,
        ) -> c_int {
            type Real = unsafe extern "C" fn(
                $(resolver!(@state $state),)?
                *const c_char,
                c_int,
                c_int,
                *mut c_uchar,
                c_int,
            ) -> c_int;
            // Old programs import it with underscores; a glibc exports one name for new links.
            let address = match real_address(stringify!($real)) {
                0 => real_address(concat!("__", stringify!($real))),
                address => address,
            };
            if address == 0 {
                return sys::fail(libc::ENOSYS);
            }
            // SAFETY: libc's function of that name has this type (resolver(3)).
            let function = unsafe { std::mem::transmute::<usize, Real>(address) };
            // SAFETY: the caller's arguments, unchanged.
            let real = || unsafe { function($($state,)? name, class, kind, answer, room) };
            let Some(e) = current().filter(|_| !answer.is_null() && room > 0) else {
                return real();
            };
            // SAFETY: a string or null, by contract.
            let Some(text) = (unsafe { own(name) }) else { return real() };
            $(let $state = Carry($state);)?
            let mut buf = vec![0u8; room as usize];
            let found = pooled(e, stringify!($name), move || {
                $(let $state = { let state = $state; state.0 };)?
                // SAFETY: the job's own name and buffer; the state is the suspended caller's, who
                // waits for us.
                let r = unsafe {
                    function($($state,)? text.as_ptr(), class, kind, buf.as_mut_ptr(), room)
                };
                // SAFETY: glibc's location, valid for the calling thread.
                (r, sys::errno(), unsafe { *__h_errno_location() }, buf)
            });
            let Some((r, code, h_errno, buf)) = found else { return real() };
            if r > 0 {
                let n = (r as usize).min(buf.len());
                // SAFETY: at most `room` bytes, into the caller's buffer of that size.
                unsafe { std::ptr::copy_nonoverlapping(buf.as_ptr(), answer, n) };
            }
            // SAFETY: as above.
            unsafe { *__h_errno_location() = h_errno };
            sys::set_errno(code);
            r
        }
    )*};
    (@state $state:ident) => { *mut c_void };
}

resolver! {
    res_nsearch, res_nsearch(state);
    res_nquery, res_nquery(state);
    res_search, res_search();
    res_query, res_query();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host() -> Host {
        Host {
            name: c"example.test".to_owned(),
            aliases: vec![c"a".to_owned(), c"bb".to_owned()],
            family: libc::AF_INET,
            addresses: vec![vec![127, 0, 0, 1], vec![10, 0, 0, 2]],
        }
    }

    #[test]
    fn a_host_survives_the_way_through_a_buffer() {
        let mut buf = vec![0 as c_char; 256];
        // SAFETY: all-zero is a valid hostent; the buffer's own pointer and length.
        unsafe {
            let mut ret: hostent = std::mem::zeroed();
            // An odd start, as callers' buffers have.
            assert!(host().write(&mut ret, buf.as_mut_ptr().add(1), 255));
            assert_eq!(Host::read(&ret), host());
        }
    }

    #[test]
    fn a_small_buffer_is_left_alone() {
        let mut buf = vec![7 as c_char; 64];
        // SAFETY: as above.
        unsafe {
            let mut ret: hostent = std::mem::zeroed();
            assert!(!host().write(&mut ret, buf.as_mut_ptr(), 60));
        }
        assert!(buf.iter().all(|b| *b == 7));
    }
}
