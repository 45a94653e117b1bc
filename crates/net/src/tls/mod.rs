//! TLS by OpenSSL: contexts from Swoole's `ssl_*` settings, sessions over memory, no socket in sight.
//!
//! A [`Session`] is sans-IO: ciphertext goes in by [`Session::feed`] and comes out by [`Session::take_output`].

pub mod dtls;

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::rc::Rc;

use openssl::asn1::Asn1Time;
use openssl::error::ErrorStack;
use openssl::ssl::{
    self, AlpnError, ErrorCode, NameType, SniError, Ssl, SslContext, SslContextBuilder, SslFiletype, SslMethod, SslOptions,
    SslSessionCacheMode, SslStream, SslVerifyMode,
};
use openssl::x509::{X509, X509Ref, X509VerifyResult};

/// `SWOOLE_SSL_TLSv1` … as bits: which versions may be spoken.
pub const TLS1_0: i64 = 1 << 3;
pub const TLS1_1: i64 = 1 << 4;
pub const TLS1_2: i64 = 1 << 5;
pub const TLS1_3: i64 = 1 << 6;

/// What a context is made from; names as Swoole's settings without `ssl_`.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// DTLS: records travel in datagrams.
    pub datagram: bool,
    pub cert_file: Option<PathBuf>,
    pub key_file: Option<PathBuf>,
    pub passphrase: Option<String>,
    pub verify_peer: bool,
    pub allow_self_signed: bool,
    pub cafile: Option<PathBuf>,
    pub capath: Option<PathBuf>,
    pub client_cert_file: Option<PathBuf>,
    pub verify_depth: Option<u32>,
    pub ciphers: Option<String>,
    pub ecdh_curve: Option<String>,
    pub dhparam: Option<PathBuf>,
    pub prefer_server_ciphers: bool,
    pub session_cache: Option<bool>,
    pub session_tickets: Option<bool>,
    pub session_timeout: Option<i64>,
    pub disable_compression: bool,
    /// Bits `TLS1_*`; 0 means all.
    pub protocols: i64,
    /// ALPN names, most wanted first.
    pub alpn: Vec<String>,
    /// Server name to certificate and key.
    pub sni_certs: Vec<(String, PathBuf, PathBuf)>,
}

#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error("{what}: {error}")]
    OpenSsl { what: String, error: ErrorStack },
    #[error("{0}")]
    Setting(String),
}

fn because(what: impl Into<String>) -> impl FnOnce(ErrorStack) -> TlsError {
    let what = what.into();
    move |error| TlsError::OpenSsl { what, error }
}

/// X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT of X509_verify_cert(3).
const SELF_SIGNED: i32 = 18;

/// X509_V_ERR_CERT_HAS_EXPIRED.
fn expired() -> X509VerifyResult {
    const EXPIRED: i32 = 10;
    // SAFETY: a code of X509_verify_cert(3).
    unsafe { X509VerifyResult::from_raw(EXPIRED) }
}

fn is_expired(cert: &X509Ref) -> bool {
    Asn1Time::days_from_now(0).is_ok_and(|now| cert.not_after() < now)
}

/// A context for one side. Cheap to clone; a session keeps the one it was made from.
#[derive(Clone)]
pub struct Context {
    inner: SslContext,
    datagram: bool,
}

impl Context {
    /// # Errors
    /// A file that cannot be read or parsed, a cipher list that names nothing.
    pub fn server(settings: &Settings) -> Result<Self, TlsError> {
        let mut builder = common(settings, if settings.datagram { SslMethod::dtls_server() } else { SslMethod::tls_server() })?;
        let wanted = settings.alpn.clone();
        if !wanted.is_empty() {
            builder.set_alpn_select_callback(move |_, offered| select_alpn(&wanted, offered).ok_or(AlpnError::NOACK));
        }
        if settings.datagram {
            dtls::ask_for_cookies(&mut builder).map_err(because("cookies"))?;
        }
        builder.set_session_id_context(b"swoole").map_err(because("session id context"))?;
        if settings.verify_peer {
            let self_signed = settings.allow_self_signed;
            builder.set_verify_callback(SslVerifyMode::PEER | SslVerifyMode::FAIL_IF_NO_PEER_CERT, move |good, chain| {
                let accepted = good || (self_signed && chain.error().as_raw() == SELF_SIGNED);
                if !accepted && chain.current_cert().is_some_and(is_expired) {
                    // Of several faults, the one that its owner can mend.
                    chain.set_error(expired());
                }
                accepted
            });
        }
        let mut named = Vec::new();
        for (name, cert, key) in &settings.sni_certs {
            let mut own = settings.clone();
            own.cert_file = Some(cert.clone());
            own.key_file = Some(key.clone());
            own.sni_certs.clear();
            named.push((name.clone(), Self::server(&own)?.inner));
        }
        if !named.is_empty() {
            builder.set_servername_callback(move |ssl, _| {
                let Some(asked) = ssl.servername(NameType::HOST_NAME).map(str::to_owned) else { return Ok(()) };
                match named.iter().find(|(name, _)| name_matches(name, &asked)) {
                    Some((_, context)) => ssl.set_ssl_context(context).map_err(|_| SniError::ALERT_FATAL),
                    None => Ok(()),
                }
            });
        }
        Ok(Self { inner: builder.build(), datagram: settings.datagram })
    }

    /// # Errors
    /// As [`Context::server`].
    pub fn client(settings: &Settings) -> Result<Self, TlsError> {
        let mut builder = common(settings, if settings.datagram { SslMethod::dtls_client() } else { SslMethod::tls_client() })?;
        if !settings.alpn.is_empty() {
            let wire: Vec<u8> =
                settings.alpn.iter().flat_map(|name| std::iter::once(name.len() as u8).chain(name.bytes())).collect();
            builder.set_alpn_protos(&wire).map_err(because("ALPN"))?;
        }
        // The verdict is asked for after the handshake, so that a self-signed certificate can be let
        // through by setting.
        builder.set_verify(SslVerifyMode::NONE);
        Ok(Self { inner: builder.build(), datagram: settings.datagram })
    }

    pub fn is_datagram(&self) -> bool {
        self.datagram
    }
}

fn select_alpn<'a>(wanted: &[String], offered: &'a [u8]) -> Option<&'a [u8]> {
    wanted.iter().find_map(|name| {
        let mut rest = offered;
        while let Some((&length, tail)) = rest.split_first() {
            let item = tail.get(..usize::from(length))?;
            if item == name.as_bytes() {
                return Some(item);
            }
            rest = &tail[item.len()..];
        }
        None
    })
}

fn name_matches(pattern: &str, name: &str) -> bool {
    match pattern.strip_prefix("*.") {
        Some(suffix) => name.split_once('.').is_some_and(|(_, rest)| rest.eq_ignore_ascii_case(suffix)),
        None => pattern.eq_ignore_ascii_case(name),
    }
}

fn common(settings: &Settings, method: SslMethod) -> Result<SslContextBuilder, TlsError> {
    let mut builder = SslContextBuilder::new(method).map_err(because("context"))?;
    builder.set_options(SslOptions::NO_SSLV2 | SslOptions::NO_SSLV3);
    builder
        .set_mode(ssl::SslMode::ENABLE_PARTIAL_WRITE | ssl::SslMode::ACCEPT_MOVING_WRITE_BUFFER | ssl::SslMode::RELEASE_BUFFERS);
    for (bit, option) in [
        (TLS1_0, SslOptions::NO_TLSV1),
        (TLS1_1, SslOptions::NO_TLSV1_1),
        (TLS1_2, SslOptions::NO_TLSV1_2),
        (TLS1_3, SslOptions::NO_TLSV1_3),
    ] {
        if !settings.datagram && settings.protocols != 0 && settings.protocols & bit == 0 {
            builder.set_options(option);
        }
    }
    if settings.datagram {
        // What a path carries is our own guess.
        builder.set_options(SslOptions::NO_QUERY_MTU);
    }
    if settings.disable_compression {
        builder.set_options(SslOptions::NO_COMPRESSION);
    }
    if settings.prefer_server_ciphers {
        builder.set_options(SslOptions::CIPHER_SERVER_PREFERENCE);
    }
    if settings.session_tickets == Some(false) {
        builder.set_options(SslOptions::NO_TICKET);
    }
    if let Some(on) = settings.session_cache {
        builder.set_session_cache_mode(if on { SslSessionCacheMode::SERVER } else { SslSessionCacheMode::OFF });
    }
    if let Some(ciphers) = &settings.ciphers {
        builder.set_cipher_list(ciphers).map_err(because(format!("cipher list '{ciphers}'")))?;
    }
    if let Some(curve) = settings.ecdh_curve.as_ref().filter(|curve| *curve != "auto") {
        builder.set_groups_list(curve).map_err(because(format!("curve '{curve}'")))?;
    }
    if let Some(file) = &settings.dhparam {
        let pem = std::fs::read(file).map_err(|e| TlsError::Setting(format!("{}: {e}", file.display())))?;
        let dh = openssl::dh::Dh::params_from_pem(&pem).map_err(because(file.display().to_string()))?;
        builder.set_tmp_dh(&dh).map_err(because(file.display().to_string()))?;
    }
    if let Some(cert) = &settings.cert_file {
        builder.set_certificate_chain_file(cert).map_err(because(cert.display().to_string()))?;
    }
    if let Some(key) = &settings.key_file {
        match &settings.passphrase {
            None => builder.set_private_key_file(key, SslFiletype::PEM).map_err(because(key.display().to_string()))?,
            Some(phrase) => {
                let pem = std::fs::read(key).map_err(|e| TlsError::Setting(format!("{}: {e}", key.display())))?;
                let key = openssl::pkey::PKey::private_key_from_pem_passphrase(&pem, phrase.as_bytes())
                    .map_err(because("private key"))?;
                builder.set_private_key(&key).map_err(because("private key"))?;
            }
        }
        if settings.cert_file.is_some() {
            builder.check_private_key().map_err(because("certificate and private key do not belong together"))?;
        }
    }
    if let Some(file) = settings.client_cert_file.as_ref().or(settings.cafile.as_ref()) {
        builder.set_ca_file(file).map_err(because(file.display().to_string()))?;
        if settings.client_cert_file.is_some() {
            let names = openssl::x509::X509Name::load_client_ca_file(file).map_err(because(file.display().to_string()))?;
            builder.set_client_ca_list(names);
        }
    } else if settings.capath.is_none() && settings.verify_peer {
        builder.set_default_verify_paths().map_err(because("default certificates"))?;
    }
    if let Some(path) = &settings.capath {
        builder.load_verify_locations(None, Some(path)).map_err(because(path.display().to_string()))?;
    }
    if let Some(depth) = settings.verify_depth {
        builder.set_verify_depth(depth);
    }
    Ok(builder)
}

/// Ciphertext on its way in and out.
#[derive(Default)]
struct Wire {
    input: Vec<u8>,
    at: usize,
    /// Where the datagrams in the input end; of DTLS only.
    ends: VecDeque<usize>,
    datagram: bool,
    output: Vec<u8>,
    eof: bool,
}

#[derive(Clone, Default)]
struct Pipe(Rc<RefCell<Wire>>);

impl Read for Pipe {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut wire = self.0.borrow_mut();
        // Of DTLS one datagram at a time, as records do not cross from one to the next.
        let end = if wire.datagram { wire.ends.pop_front().unwrap_or(wire.at) } else { wire.input.len() };
        let left = &wire.input[wire.at..end];
        if left.is_empty() {
            return if wire.eof { Ok(0) } else { Err(io::ErrorKind::WouldBlock.into()) };
        }
        let n = left.len().min(buffer.len());
        buffer[..n].copy_from_slice(&left[..n]);
        wire.at = if wire.datagram { end } else { wire.at + n };
        if wire.at == wire.input.len() {
            wire.input.clear();
            wire.at = 0;
        }
        Ok(n)
    }
}

impl Write for Pipe {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().output.extend_from_slice(buffer);
        Ok(buffer.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What a step of a session needs or gave.
#[derive(Debug, PartialEq, Eq)]
pub enum Step<T> {
    Done(T),
    /// More ciphertext has to be fed first.
    NeedInput,
    /// The peer has closed properly.
    Closed,
    /// Broken beyond repair; the text is OpenSSL's.
    Failed(String),
}

/// What OpenSSL calls itself, such as `OpenSSL 3.0.15 3 Sep 2024`.
pub fn library_version() -> &'static std::ffi::CStr {
    static VERSION: std::sync::OnceLock<std::ffi::CString> = std::sync::OnceLock::new();
    VERSION.get_or_init(|| std::ffi::CString::new(openssl::version::version()).unwrap_or_default())
}

/// One TLS connection.
pub struct Session {
    datagram: bool,
    stream: SslStream<Pipe>,
    pipe: Pipe,
    accepting: bool,
    established: bool,
}

impl Session {
    /// # Errors
    /// OpenSSL has no memory.
    pub fn server(context: &Context) -> Result<Self, TlsError> {
        Self::new(context, true, None, &[])
    }

    /// As [`Session::server`], over datagrams: `peer` is the address that a client must prove to have.
    ///
    /// # Errors
    /// As [`Session::server`].
    pub fn server_of(context: &Context, peer: &[u8]) -> Result<Self, TlsError> {
        Self::new(context, true, None, peer)
    }

    /// `host` is sent as SNI when it is a name.
    ///
    /// # Errors
    /// As [`Session::server`]; a host name that cannot be one.
    pub fn client(context: &Context, host: Option<&str>) -> Result<Self, TlsError> {
        Self::new(context, false, host, &[])
    }

    fn new(context: &Context, accepting: bool, host: Option<&str>, peer: &[u8]) -> Result<Self, TlsError> {
        let mut ssl = Ssl::new(&context.inner).map_err(because("session"))?;
        if let Some(host) = host.filter(|host| host.parse::<std::net::IpAddr>().is_err()) {
            ssl.set_hostname(host).map_err(because("server name"))?;
        }
        if context.datagram {
            ssl.set_mtu(dtls::MTU as u32).map_err(because("MTU"))?;
            dtls::set_peer(&mut ssl, peer);
        }
        let pipe = Pipe::default();
        pipe.0.borrow_mut().datagram = context.datagram;
        let stream = SslStream::new(ssl, pipe.clone()).map_err(because("session"))?;
        Ok(Self { datagram: context.datagram, stream, pipe, accepting, established: false })
    }

    /// Whether this is DTLS.
    pub fn is_datagram(&self) -> bool {
        self.datagram
    }

    /// After how long without an answer [`Session::retransmit`] is due; DTLS handshakes only.
    pub fn retransmit_after(&self) -> Option<std::time::Duration> {
        dtls::timeout(self.stream.ssl()).filter(|_| self.datagram)
    }

    /// Sends the last flight again, if its time has come. False: the peer is given up.
    pub fn retransmit(&mut self) -> bool {
        dtls::retransmit(self.stream.ssl())
    }

    /// Ciphertext that came from the peer; of DTLS exactly one datagram.
    pub fn feed(&mut self, bytes: &[u8]) {
        let mut wire = self.pipe.0.borrow_mut();
        wire.input.extend_from_slice(bytes);
        if wire.datagram {
            let end = wire.input.len();
            wire.ends.push_back(end);
        }
    }

    /// The peer closed its side of the transport.
    pub fn feed_eof(&mut self) {
        self.pipe.0.borrow_mut().eof = true;
    }

    /// Ciphertext to send, taken out.
    pub fn take_output(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.pipe.0.borrow_mut().output)
    }

    pub fn has_output(&self) -> bool {
        !self.pipe.0.borrow().output.is_empty()
    }

    pub fn is_established(&self) -> bool {
        self.established
    }

    /// Goes on with the handshake.
    pub fn handshake(&mut self) -> Step<()> {
        if self.established {
            return Step::Done(());
        }
        let result = if self.accepting { self.stream.accept() } else { self.stream.connect() };
        match result {
            Ok(()) => {
                self.established = true;
                Step::Done(())
            }
            Err(error) => step(&error),
        }
    }

    /// Decrypts into `buffer`.
    pub fn read(&mut self, buffer: &mut [u8]) -> Step<usize> {
        match self.stream.ssl_read(buffer) {
            Ok(0) => Step::Closed,
            Ok(n) => Step::Done(n),
            Err(error) => step(&error),
        }
    }

    /// Decrypts without taking.
    pub fn peek(&mut self, buffer: &mut [u8]) -> Step<usize> {
        match self.stream.ssl_peek(buffer) {
            Ok(0) => Step::Closed,
            Ok(n) => Step::Done(n),
            Err(error) => step(&error),
        }
    }

    /// Encrypts all of `bytes`.
    pub fn write(&mut self, mut bytes: &[u8]) -> Step<()> {
        while !bytes.is_empty() {
            let piece = if self.datagram { &bytes[..bytes.len().min(dtls::MAX_RECORD)] } else { bytes };
            match self.stream.ssl_write(piece) {
                Ok(n) => bytes = &bytes[n..],
                Err(error) => return step(&error),
            }
        }
        Step::Done(())
    }

    /// Plaintext that is decrypted and not yet read.
    pub fn pending(&self) -> usize {
        self.stream.ssl().pending()
    }

    /// Says goodbye (close_notify).
    pub fn shutdown(&mut self) {
        let _ = self.stream.shutdown();
    }

    pub fn alpn(&self) -> Option<Vec<u8>> {
        self.stream.ssl().selected_alpn_protocol().map(<[u8]>::to_vec)
    }

    pub fn peer_certificate(&self) -> Option<X509> {
        self.stream.ssl().peer_certificate()
    }

    /// The peer's certificate in PEM.
    pub fn peer_pem(&self) -> Option<Vec<u8>> {
        self.peer_certificate()?.to_pem().ok()
    }

    /// OpenSSL's verdict on the chain: 0 is good, else an X509_V_ERR_* code.
    pub fn verify_result(&self) -> (i32, &'static str) {
        let result = self.stream.ssl().verify_result();
        (result.as_raw(), result.error_string())
    }

    /// Whether the certificate is made out to `name` (RFC 6125, by OpenSSL's X509_check_host).
    pub fn is_made_out_to(&self, name: &str) -> bool {
        let Some(cert) = self.peer_certificate() else { return false };
        if let Ok(ip) = name.parse::<std::net::IpAddr>() {
            return cert.subject_alt_names().is_some_and(|names| {
                names.iter().any(|alt| match (alt.ipaddress(), ip) {
                    (Some(bytes), std::net::IpAddr::V4(ip)) => bytes == ip.octets(),
                    (Some(bytes), std::net::IpAddr::V6(ip)) => bytes == ip.octets(),
                    (None, _) => false,
                })
            });
        }
        if let Some(names) = cert.subject_alt_names() {
            let mut dns = names.iter().filter_map(|alt| alt.dnsname()).peekable();
            if dns.peek().is_some() {
                return dns.any(|pattern| name_matches(pattern, name));
            }
        }
        cert.subject_name()
            .entries_by_nid(openssl::nid::Nid::COMMONNAME)
            .any(|entry| entry.data().to_string().is_ok_and(|cn| name_matches(&cn, name)))
    }

    pub fn version(&self) -> &'static str {
        self.stream.ssl().version_str()
    }

    pub fn cipher(&self) -> Option<&'static str> {
        self.stream.ssl().current_cipher().map(|cipher| cipher.name())
    }
}

fn step<T>(error: &ssl::Error) -> Step<T> {
    match error.code() {
        ErrorCode::WANT_READ | ErrorCode::WANT_WRITE => Step::NeedInput,
        ErrorCode::ZERO_RETURN => Step::Closed,
        _ => match error.ssl_error() {
            Some(stack) => Step::Failed(stack.to_string()),
            None => Step::Failed(error.io_error().map_or_else(|| "unexpected end of stream".to_owned(), ToString::to_string)),
        },
    }
}
