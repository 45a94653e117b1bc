//! Options of Swoole\Coroutine\Socket.

use std::os::fd::RawFd;
use std::time::Duration;

use net::Socket;

use super::socket;
use crate::php::report;
use crate::zend::error::{Builtin, E_WARNING, throw_builtin};
use crate::zend::{Call, PhpResult, Value, Zval, ZvalExt};

/// Sets an int option; false when the kernel refuses.
pub(crate) fn set_int(socket: &Socket, level: i32, name: i32, value: i32) -> bool {
    set_raw(socket.fd(), level, name, &value)
}

fn set_raw<T>(fd: RawFd, level: i32, name: i32, value: &T) -> bool {
    // SAFETY: a value of plain data with its own size.
    unsafe { libc::setsockopt(fd, level, name, std::ptr::from_ref(value).cast(), size_of::<T>() as libc::socklen_t) == 0 }
}

pub(crate) fn get_int(fd: RawFd, level: i32, name: i32) -> Option<i32> {
    let (mut value, mut length) = (0i32, size_of::<i32>() as libc::socklen_t);
    // SAFETY: one int and its length.
    let result = unsafe { libc::getsockopt(fd, level, name, (&raw mut value).cast(), &mut length) };
    (result == 0).then_some(value)
}

fn set(array: &mut Value, key: &str, value: i64) {
    array.array_mut().set(key, Value::long(value));
}

pub fn get_option(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(2, 2)?;
    let (level, name) = (args.long()? as i32, args.long()? as i32);
    let socket = socket(call.this())?;
    if socket.is_closed() {
        super::set_error(call.this(), libc::EBADF);
        ret.set_bool(false);
        return Ok(());
    }
    let fd = socket.fd();
    let refused = || report::system(E_WARNING, &format!("getsockopt({fd}, {level}, {name})"));
    if level == libc::SOL_SOCKET && name == libc::SO_LINGER {
        let mut linger = libc::linger { l_onoff: 0, l_linger: 0 };
        let mut length = size_of::<libc::linger>() as libc::socklen_t;
        // SAFETY: one struct and its length.
        if unsafe { libc::getsockopt(fd, level, name, (&raw mut linger).cast(), &mut length) } != 0 {
            refused();
            ret.set_bool(false);
            return Ok(());
        }
        let mut both = Value::array(2);
        set(&mut both, "l_onoff", i64::from(linger.l_onoff));
        set(&mut both, "l_linger", i64::from(linger.l_linger));
        both.give(ret);
    } else if level == libc::SOL_SOCKET && (name == libc::SO_RCVTIMEO || name == libc::SO_SNDTIMEO) {
        let timeouts = socket.timeouts.get();
        let time = if name == libc::SO_RCVTIMEO { timeouts.read } else { timeouts.write };
        let mut both = Value::array(2);
        set(&mut both, "sec", time.map_or(-1, |time| time.as_secs() as i64));
        set(&mut both, "usec", time.map_or(0, |time| i64::from(time.subsec_micros())));
        both.give(ret);
    } else if level == libc::IPPROTO_TCP && name == libc::TCP_INFO {
        match tcp_info(fd) {
            Some(info) => info.give(ret),
            None => {
                refused();
                ret.set_bool(false);
            }
        }
    } else if level == libc::IPPROTO_IP && name == libc::IP_MULTICAST_IF {
        match multicast_interface(fd) {
            Some(index) => ret.set_long(index),
            None => {
                refused();
                ret.set_bool(false);
            }
        }
    } else if let Some(value) = get_int(fd, level, name) {
        ret.set_long(i64::from(value));
    } else {
        refused();
        ret.set_bool(false);
    }
    Ok(())
}

/// ip(7)'s protocol-independent names for the membership options.
const MCAST_JOIN_GROUP: i32 = 42;
const MCAST_LEAVE_GROUP: i32 = 45;

/// Sends multicasts by the interface of that number; 0 leaves it to the kernel.
fn set_multicast_interface(fd: RawFd, index: i32) -> bool {
    // The address is kept beside the number, and is all that the kernel tells afterwards.
    let address = nix::ifaddrs::getifaddrs().ok().and_then(|mut interfaces| {
        interfaces.find_map(|interface| {
            let own = nix::net::if_::if_nametoindex(interface.interface_name.as_str()).ok()?;
            let ip = interface.address?.as_sockaddr_in()?.ip();
            (i64::from(own) == i64::from(index)).then_some(u32::from_ne_bytes(ip.octets()))
        })
    });
    let request = libc::ip_mreqn {
        imr_multiaddr: libc::in_addr { s_addr: 0 },
        imr_address: libc::in_addr { s_addr: address.unwrap_or(0) },
        imr_ifindex: index,
    };
    set_raw(fd, libc::IPPROTO_IP, libc::IP_MULTICAST_IF, &request)
}

/// The number of the interface that multicasts are sent by: the kernel tells it by its address only.
fn multicast_interface(fd: RawFd) -> Option<i64> {
    let (mut address, mut length) = (libc::in_addr { s_addr: 0 }, size_of::<libc::in_addr>() as libc::socklen_t);
    // SAFETY: one in_addr and its length.
    let result = unsafe { libc::getsockopt(fd, libc::IPPROTO_IP, libc::IP_MULTICAST_IF, (&raw mut address).cast(), &mut length) };
    if result != 0 {
        return None;
    }
    if address.s_addr == 0 {
        return Some(0);
    }
    nix::ifaddrs::getifaddrs().ok()?.find_map(|interface| {
        let ip = interface.address?.as_sockaddr_in()?.ip();
        let index = nix::net::if_::if_nametoindex(interface.interface_name.as_str()).ok()?;
        (u32::from_ne_bytes(ip.octets()) == address.s_addr).then_some(i64::from(index))
    })
}

/// tcp(7)'s struct tcp_info: eight bytes of small fields, then counters.
fn tcp_info(fd: RawFd) -> Option<Value> {
    const COUNTERS: [&str; 24] = [
        "rto",
        "ato",
        "snd_mss",
        "rcv_mss",
        "unacked",
        "sacked",
        "lost",
        "retrans",
        "fackets",
        "last_data_sent",
        "last_ack_sent",
        "last_data_recv",
        "last_ack_recv",
        "pmtu",
        "rcv_ssthresh",
        "rtt",
        "rttvar",
        "snd_ssthresh",
        "snd_cwnd",
        "advmss",
        "reordering",
        "rcv_rtt",
        "rcv_space",
        "total_retrans",
    ];
    let mut raw = [0u32; 26];
    let mut length = size_of_val(&raw) as libc::socklen_t;
    // SAFETY: the kernel writes at most the length given.
    if unsafe { libc::getsockopt(fd, libc::IPPROTO_TCP, libc::TCP_INFO, raw.as_mut_ptr().cast(), &mut length) } != 0 {
        return None;
    }
    let head: Vec<u8> = raw[..2].iter().flat_map(|word| word.to_ne_bytes()).collect();
    let mut info = Value::array(32);
    let small = [
        ("state", head[0]),
        ("ca_state", head[1]),
        ("retransmits", head[2]),
        ("probes", head[3]),
        ("backoff", head[4]),
        ("options", head[5]),
        ("snd_wscale", head[6] & 15),
        ("rcv_wscale", head[6] >> 4),
    ];
    for (key, value) in small {
        set(&mut info, key, i64::from(value));
    }
    for (key, value) in COUNTERS.iter().zip(&raw[2..]) {
        set(&mut info, key, i64::from(*value));
    }
    Some(info)
}

/// A field of an option's array; None (after a warning) when it lacks.
/// Options that are made of several numbers come as arrays.
fn require_array(value: &Zval, option: &str) -> PhpResult {
    if value.dereference().is_array() {
        return Ok(());
    }
    Err(throw_builtin(
        Builtin::TypeError,
        &format!(
            "Swoole\\Coroutine\\Socket::setOption(): Argument #3 ($opt_value) must be of type array when argument $option is {option}, {} given",
            type_name(value.dereference())
        ),
    ))
}

/// As PHP's messages name it.
fn type_name(value: &Zval) -> &'static str {
    match value {
        _ if value.is_null() => "null",
        _ if value.is_long() => "int",
        _ if value.is_double() => "float",
        _ if value.is_string() => "string",
        _ if value.is_object() => "object",
        _ => "bool",
    }
}

fn field(value: &Zval, key: &str) -> Option<i64> {
    let found = value.as_array().and_then(|array| array.get(key)).map(ZvalExt::to_long);
    if found.is_none() {
        report::fatal(E_WARNING, &format!("no key \"{key}\" passed in optval"));
    }
    found
}

pub fn set_option(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(3, 3)?;
    let (level, name) = (args.long()? as i32, args.long()? as i32);
    let value = args.value()?;
    let socket = socket(call.this())?;
    let fd = socket.fd();
    ret.set_bool(false);
    let done = match (level, name) {
        (libc::SOL_SOCKET, libc::SO_LINGER) => {
            require_array(value, "SO_LINGER")?;
            let Some(on) = field(value, "l_onoff") else { return Ok(()) };
            let Some(time) = field(value, "l_linger") else { return Ok(()) };
            set_raw(fd, level, name, &libc::linger { l_onoff: on as i32, l_linger: time as i32 })
        }
        (libc::SOL_SOCKET, libc::SO_RCVTIMEO | libc::SO_SNDTIMEO) => {
            require_array(value, if name == libc::SO_RCVTIMEO { "SO_RCVTIMEO" } else { "SO_SNDTIMEO" })?;
            let Some(sec) = field(value, "sec") else { return Ok(()) };
            let Some(usec) = field(value, "usec") else { return Ok(()) };
            let time = (sec >= 0).then(|| Duration::from_secs(sec as u64) + Duration::from_micros(usec.max(0) as u64));
            let mut timeouts = socket.timeouts.get();
            if name == libc::SO_RCVTIMEO {
                timeouts.read = time;
            } else {
                timeouts.write = time;
            }
            socket.timeouts.set(timeouts);
            true
        }
        (libc::SOL_SOCKET, libc::SO_BINDTODEVICE) => {
            let Some(device) = value.to_zstr() else { return Ok(()) };
            // SAFETY: the bytes are as many as they say.
            unsafe { libc::setsockopt(fd, level, name, device.as_ptr().cast(), device.len() as libc::socklen_t) == 0 }
        }
        (libc::IPPROTO_IP, libc::IP_ADD_MEMBERSHIP | libc::IP_DROP_MEMBERSHIP | MCAST_JOIN_GROUP | MCAST_LEAVE_GROUP) => {
            let name = match name {
                MCAST_JOIN_GROUP => libc::IP_ADD_MEMBERSHIP,
                MCAST_LEAVE_GROUP => libc::IP_DROP_MEMBERSHIP,
                name => name,
            };
            return super::multicast(call, ret, fd, name, value);
        }
        // The kernel would take −1 for "the default".
        (libc::IPPROTO_IP, libc::IP_MULTICAST_TTL) if !(0..=255).contains(&value.to_long()) => {
            report::fatal(E_WARNING, "the time to live of multicasts is between 0 and 255");
            return Ok(());
        }
        (libc::IPPROTO_IP, libc::IP_MULTICAST_IF) => set_multicast_interface(fd, value.to_long() as i32),
        _ => set_raw(fd, level, name, &(value.to_long() as i32)),
    };
    if !done {
        report::system(E_WARNING, &format!("setsockopt({fd}) failed"));
    }
    ret.set_bool(done);
    Ok(())
}
