//! The settings of a stream that clients, sockets and server ports share: framing and TLS.

use std::path::PathBuf;

use net::tls;
use protocol::framing::length::{LengthField, LengthFunction, PackType, PacketLength};
use protocol::framing::{Framer, eof::Eof};

use super::{report, settings};
use crate::zend::error::{E_ERROR, E_WARNING};
use crate::zend::{Array, Callable, Value, ZvalExt};

/// Default of `package_max_length`, in bytes.
pub const PACKAGE_MAX_LENGTH: usize = 2 * 1024 * 1024;

/// `package_length_func`: a PHP callable that says how long a packet is.
struct PhpLength(Callable);

// SAFETY: the framer that holds it is used on PHP's thread only: coroutine sockets are bound to it, and a
// server with such a function keeps its framing there (single_thread).
unsafe impl Send for PhpLength {}

impl LengthFunction for PhpLength {
    fn packet_length(&mut self, head: &[u8]) -> PacketLength {
        let mut args = [Value::string(head).into_zval()];
        let (ended, value) = self.0.call(&mut args);
        if crate::zend::guard::uncaught(ended) {
            if let Some(engine) = coroutine::engine() {
                engine.abort();
            }
            return PacketLength::Malformed;
        }
        match value.as_zval().to_long() {
            0 => PacketLength::NeedMore,
            n if n > 0 => PacketLength::Total(n as usize),
            _ => PacketLength::Malformed,
        }
    }
}

fn on(options: Array<'_>, name: &str) -> bool {
    options.setting(name).is_some_and(ZvalExt::to_bool)
}

/// What the settings ask for: no framer for a raw stream. Each end marker ends a packet. `Err` after a warning
/// about a bad value.
pub fn client_framer(options: Array<'_>) -> Result<Option<Framer>, ()> {
    let max = match options.setting("package_max_length") {
        Some(value) => usize::try_from(settings::size(value)).unwrap_or(0),
        None => PACKAGE_MAX_LENGTH,
    };
    if let Some(eof) = options.setting("package_eof").and_then(ZvalExt::bytes) {
        if eof.is_empty() {
            report::fatal(E_ERROR, "package_eof cannot be an empty string");
            return Err(());
        }
        if Eof::new(eof).is_none() {
            report::fatal(E_ERROR, "package_eof max length is 8");
            return Err(());
        }
    }
    if on(options, "open_eof_split") || on(options, "open_eof_check") {
        let marker = options.setting("package_eof").and_then(ZvalExt::bytes).unwrap_or(b"\r\n");
        let Some(eof) = Eof::new(marker) else { return Err(()) };
        return Ok(Some(Framer::eof_split(eof, max)));
    }
    if on(options, "open_mqtt_protocol") {
        return Ok(Some(Framer::mqtt(max)));
    }
    let kind = match options.setting("package_length_type").and_then(ZvalExt::bytes).and_then(|text| text.first().copied()) {
        None => PackType::parse(b'N'),
        Some(letter) => {
            let kind = PackType::parse(letter);
            if kind.is_none() {
                let letter = char::from(letter);
                report::fatal(
                    E_WARNING,
                    &format!("Unknown package_length_type name '{letter}', see pack(). Link: https://php.net/pack"),
                );
                return Err(());
            }
            kind
        }
    };
    if let Some(function) = options.setting("package_length_func")
        && on(options, "open_length_check")
    {
        return Ok(Callable::new(function).map(|callable| Framer::function(Box::new(PhpLength(callable)), max)));
    }
    if on(options, "open_fastcgi_protocol") {
        let length = |head: &[u8]| match head {
            [_, _, _, _, high, low, padding, _, ..] => {
                PacketLength::Total(8 + usize::from(*high) * 256 + usize::from(*low) + usize::from(*padding))
            }
            _ => PacketLength::NeedMore,
        };
        return Ok(Some(Framer::function(Box::new(length), max)));
    }
    if !on(options, "open_length_check") {
        return Ok(None);
    }
    let offset = |name| options.setting(name).map_or(0, |value| value.to_long().clamp(0, 65535) as usize);
    let (at, body) = (offset("package_length_offset"), offset("package_body_offset"));
    Ok(kind.map(|kind| Framer::length(LengthField::new(kind, at, body, max))))
}

fn path(options: Array<'_>, name: &str) -> Option<PathBuf> {
    let bytes = options.setting(name)?.to_zstr()?;
    Some(PathBuf::from(std::ffi::OsStr::new(&*String::from_utf8_lossy(&bytes))))
}

fn text(options: Array<'_>, name: &str) -> Option<String> {
    let bytes = options.setting(name)?.to_zstr()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// The `ssl_*` settings. `Err` after a warning about a file that is not there.
pub fn tls(options: Array<'_>) -> Result<tls::Settings, ()> {
    let cert_file = path(options, "ssl_cert_file");
    let key_file = path(options, "ssl_key_file");
    for (file, what) in [(&cert_file, "cert"), (&key_file, "key")] {
        if let Some(file) = file
            && !file.exists()
        {
            report::fatal(E_WARNING, &format!("ssl {what} file[{}] not found", file.display()));
            return Err(());
        }
    }
    if cert_file.is_some() && key_file.is_none() {
        report::fatal(E_WARNING, "ssl require key file");
    }
    if key_file.is_some() && cert_file.is_none() {
        report::fatal(E_WARNING, "ssl require cert file");
    }
    let mut sni_certs = Vec::new();
    if let Some(hosts) = options.setting("ssl_sni_certs").and_then(ZvalExt::as_array) {
        hosts.each(|name, files| {
            if let (crate::zend::array::Key::Name(name), Some(files)) = (name, files.as_array())
                && let (Some(cert), Some(key)) = (path(files, "ssl_cert_file"), path(files, "ssl_key_file"))
            {
                sni_certs.push((String::from_utf8_lossy(name).into_owned(), cert, key));
            }
            true
        });
    }
    let flag = |name| options.setting(name).map(ZvalExt::to_bool);
    Ok(tls::Settings {
        datagram: false,
        cert_file,
        key_file,
        passphrase: text(options, "ssl_passphrase"),
        verify_peer: on(options, "ssl_verify_peer"),
        allow_self_signed: on(options, "ssl_allow_self_signed"),
        cafile: path(options, "ssl_cafile"),
        capath: path(options, "ssl_capath"),
        client_cert_file: path(options, "ssl_client_cert_file"),
        verify_depth: options.setting("ssl_verify_depth").map(|value| value.to_long().clamp(0, 255) as u32),
        ciphers: text(options, "ssl_ciphers"),
        ecdh_curve: text(options, "ssl_ecdh_curve"),
        dhparam: path(options, "ssl_dhparam"),
        prefer_server_ciphers: on(options, "ssl_prefer_server_ciphers"),
        session_cache: flag("ssl_session_cache"),
        session_tickets: flag("ssl_session_tickets"),
        session_timeout: None,
        disable_compression: !flag("ssl_compress").unwrap_or(false),
        protocols: options.setting("ssl_protocols").map_or(0, ZvalExt::to_long),
        alpn: Vec::new(),
        sni_certs,
    })
}
