//! What DTLS (RFC 6347) needs beyond TLS: datagrams, cookies, retransmission.

use std::sync::OnceLock;
use std::time::Duration;

use foreign_types::ForeignTypeRef;
use openssl::error::ErrorStack;
use openssl::ex_data::Index;
use openssl::sha::Sha256;
use openssl::ssl::{Ssl, SslContextBuilder, SslOptions, SslRef};

/// Bytes of a datagram with handshake records; what fits every usual path.
pub const MTU: usize = 1400;
/// Bytes of plaintext in one record, which is one datagram.
pub const MAX_RECORD: usize = 16 * 1024;
/// Bytes that a received datagram may have.
pub const MAX_DATAGRAM: usize = MAX_RECORD + 512;

/// `DTLS_CTRL_GET_TIMEOUT` and `DTLS_CTRL_HANDLE_TIMEOUT` of ssl.h.
const GET_TIMEOUT: i32 = 73;
const HANDLE_TIMEOUT: i32 = 74;

const COOKIE: usize = 32;

/// The peer's address of a session, which its cookie is made from.
fn peer_index() -> Option<Index<Ssl, Vec<u8>>> {
    static INDEX: OnceLock<Option<Index<Ssl, Vec<u8>>>> = OnceLock::new();
    *INDEX.get_or_init(|| Ssl::new_ex_index().ok())
}

pub(super) fn set_peer(ssl: &mut Ssl, peer: &[u8]) {
    if let Some(index) = peer_index() {
        ssl.set_ex_data(index, peer.to_vec());
    }
}

/// A client must show that it receives at its address before it gets more than it sent.
pub(super) fn ask_for_cookies(builder: &mut SslContextBuilder) -> Result<(), ErrorStack> {
    let mut secret = [0; 32];
    openssl::rand::rand_bytes(&mut secret)?;
    let cookie = move |ssl: &SslRef| {
        let mut hash = Sha256::new();
        hash.update(&secret);
        hash.update(peer_index().and_then(|index| ssl.ex_data(index)).map_or(&[], Vec::as_slice));
        hash.finish()
    };
    builder.set_options(SslOptions::COOKIE_EXCHANGE);
    builder.set_cookie_generate_cb(move |ssl, out| {
        let length = COOKIE.min(out.len());
        out[..length].copy_from_slice(&cookie(ssl)[..length]);
        Ok(length)
    });
    builder.set_cookie_verify_cb(move |ssl, given| given.len() == COOKIE && openssl::memcmp::eq(&cookie(ssl), given));
    Ok(())
}

/// Cuts what a session wrote into datagrams: as many records in each as fit [`MTU`], at least one.
pub fn datagrams(mut wire: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let mut end = 0;
        while let Some(length) = record_length(&wire[end..]) {
            if end > 0 && end + length > MTU {
                break;
            }
            end += length;
        }
        let (datagram, rest) = wire.split_at(if end == 0 { wire.len() } else { end });
        wire = rest;
        (!datagram.is_empty()).then_some(datagram)
    })
}

/// Bytes of the record at the start: 13 of head (RFC 6347, 4.1), the last two of which are the length.
fn record_length(bytes: &[u8]) -> Option<usize> {
    let length = usize::from(u16::from_be_bytes([*bytes.get(11)?, *bytes.get(12)?])) + 13;
    (length <= bytes.len()).then_some(length)
}

/// After how long without an answer the last flight is to be sent again; none when nothing is awaited.
pub(super) fn timeout(ssl: &SslRef) -> Option<Duration> {
    let mut left = libc::timeval { tv_sec: 0, tv_usec: 0 };
    // SAFETY: a live session; the call writes one timeval (DTLSv1_get_timeout(3)).
    let set = unsafe { openssl_sys::SSL_ctrl(ssl.as_ptr(), GET_TIMEOUT, 0, (&raw mut left).cast()) };
    (set == 1).then(|| Duration::new(left.tv_sec.max(0) as u64, (left.tv_usec.clamp(0, 999_999) * 1000) as u32))
}

/// Writes the last flight again, if its time has come. False: given up.
pub(super) fn retransmit(ssl: &SslRef) -> bool {
    // SAFETY: a live session (DTLSv1_handle_timeout(3)).
    unsafe { openssl_sys::SSL_ctrl(ssl.as_ptr(), HANDLE_TIMEOUT, 0, std::ptr::null_mut()) >= 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(length: usize) -> Vec<u8> {
        let mut bytes = vec![22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 0];
        bytes.extend_from_slice(&(length as u16).to_be_bytes());
        bytes.resize(13 + length, 7);
        bytes
    }

    #[test]
    fn records_share_a_datagram_up_to_the_mtu() {
        let wire = [record(500), record(500), record(500), record(5000), record(1)].concat();
        let lengths: Vec<usize> = datagrams(&wire).map(<[u8]>::len).collect();
        assert_eq!(lengths, [1026, 513, 5013, 14]);
    }

    #[test]
    fn what_is_no_record_goes_as_it_is() {
        assert_eq!(datagrams(b"abc").collect::<Vec<_>>(), [b"abc"]);
        assert_eq!(datagrams(b"").count(), 0);
    }
}
