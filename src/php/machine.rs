//! The machine's network interfaces, for `swoole_get_local_ip` and `swoole_get_local_mac`.

use std::fmt::Write;

use nix::ifaddrs::getifaddrs;
use nix::net::if_::InterfaceFlags;
use nix::sys::socket::{AddressFamily, SockaddrLike};

use super::report;
use crate::zend::error::E_WARNING;
use crate::zend::{Call, PhpResult, Value, Zval, ZvalExt, guarded};

/// Addresses by interface, loopback left out; the last of an interface's addresses wins.
pub fn get_local_ip(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let family = call.args(0, 1)?.opt_long()?.unwrap_or(i64::from(libc::AF_INET));
    let Ok(found) = getifaddrs() else {
        report::system(E_WARNING, "getifaddrs() failed");
        ret.set_bool(false);
        return Ok(());
    };
    let mut addresses = Vec::new();
    for interface in found.filter(|interface| interface.flags.contains(InterfaceFlags::IFF_UP)) {
        let Some(address) = interface.address.filter(|address| address.family().is_some_and(|of| of as i64 == family)) else {
            continue;
        };
        let text = if let Some(v4) = address.as_sockaddr_in() {
            Some(v4.ip()).filter(|ip| !ip.is_loopback()).map(|ip| ip.to_string())
        } else {
            address.as_sockaddr_in6().map(|v6| v6.ip()).filter(|ip| !ip.is_loopback()).map(|ip| ip.to_string())
        };
        addresses.extend(text.map(|text| (interface.interface_name, text)));
    }
    give_map(ret, &addresses)
}

/// Hardware addresses, as `02:00:5E:10:00:01`, of the interfaces that have an IPv4 address; loopback left out.
pub fn get_local_mac(_call: &mut Call, ret: &mut Zval) -> PhpResult {
    let Ok(found) = getifaddrs() else {
        report::system(E_WARNING, "getifaddrs() failed");
        ret.set_bool(false);
        return Ok(());
    };
    let found: Vec<_> = found.filter(|interface| !interface.flags.contains(InterfaceFlags::IFF_LOOPBACK)).collect();
    let has_v4 = |name: &str| {
        found.iter().any(|other| other.interface_name == name && other.address.is_some_and(|of| of.as_sockaddr_in().is_some()))
    };
    let mut addresses = Vec::new();
    for interface in found.iter().filter(|interface| has_v4(&interface.interface_name)) {
        let link = interface.address.as_ref().filter(|address| address.family() == Some(AddressFamily::Packet));
        let Some(bytes) = link.and_then(|address| address.as_link_addr().and_then(|link| link.addr())) else {
            continue;
        };
        let mut text = String::new();
        for (at, byte) in bytes.iter().enumerate() {
            let _ = write!(text, "{}{byte:02X}", if at == 0 { "" } else { ":" });
        }
        addresses.push((interface.interface_name.clone(), text));
    }
    give_map(ret, &addresses)
}

fn give_map(ret: &mut Zval, entries: &[(String, String)]) -> PhpResult {
    guarded(|| {
        ret.set_new_array(entries.len() as u32);
        if let Some(mut array) = ret.as_array_mut() {
            for (name, text) in entries {
                array.set(name, Value::string(text.as_bytes()));
            }
        }
    })
    .result()
}
