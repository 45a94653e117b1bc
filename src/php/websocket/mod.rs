//! `Swoole\WebSocket`: frames between PHP and the wire, for clients and servers.

pub mod close_frame;
pub mod connection;
pub mod frame;
pub mod server;

use std::cell::RefCell;

use protocol::websocket::{CloseFrame, Config, Deflater, Inflater, MaskRule, Opcode, frame as wire};

use crate::php::coroutine::link::warn;
use crate::zend::registration::ce;
use crate::zend::{ObjectExt, PhpResult, Value, ZStr, ZendObject, Zval, ZvalExt, new_object};

/// `SWOOLE_WEBSOCKET_FLAG_*`.
pub(crate) const FLAG_FIN: i64 = 1;
pub(crate) const FLAG_COMPRESS: i64 = 2;
pub(crate) const FLAG_RSV1: i64 = 4;
pub(crate) const FLAG_MASK: i64 = 32;
const FLAGS_ALL: i64 = 1 | 2 | 4 | 8 | 16 | 32;

/// What a server checks. Frames without a mask are let through, as Swoole lets them: programs rest on it.
pub(crate) fn server_config(max_message: usize) -> Config {
    Config { mask: MaskRule::Any, ..Config::server(max_message) }
}

/// zlib's own default (Z_DEFAULT_COMPRESSION).
pub(crate) const LEVEL: u32 = 6;

/// The largest message that [`frame::unpack`] inflates, in bytes.
const MAX_UNPACKED: usize = 64 << 20;

/// What is to be sent, as a PHP program said it.
pub(crate) struct Outgoing {
    pub opcode: Opcode,
    pub flags: i64,
    payload: Option<ZStr>,
    /// A close frame's payload: code and reason.
    close: Option<([u8; 125], usize)>,
}

impl Outgoing {
    /// From a string, or a Frame object, whose own fields then count. None (after a warning) for what cannot be sent.
    pub fn new(data: &Zval, opcode: i64, flags: i64, close_code: i64) -> PhpResult<Option<Self>> {
        let frame_class = ce::websocket_frame();
        let (mut opcode, mut flags, mut code) = (opcode, flags & FLAGS_ALL, close_code);
        let mut payload = None;
        match data.obj() {
            Some(object) if object.is_a(frame_class) => {
                opcode = object.prop("opcode").as_zval().to_long();
                let text = if opcode == Opcode::Close as i64 {
                    let own = object.prop("code");
                    code = if own.as_zval().is_null() { 1000 } else { own.as_zval().to_long() };
                    object.prop("reason")
                } else {
                    object.prop("data")
                };
                if !text.as_zval().is_null() {
                    payload = text.as_zval().to_zstr();
                }
                flags = object.prop("flags").as_zval().to_long() & FLAGS_ALL;
                let finish = object.prop("finish");
                if !finish.as_zval().is_null() {
                    flags = if finish.as_zval().to_bool() { flags | FLAG_FIN } else { flags & !FLAG_FIN };
                }
            }
            _ if data.is_null() => {}
            _ => payload = data.to_zstr(),
        }
        crate::zend::error::check()?;
        if !(0..=Opcode::Pong as i64).contains(&opcode) {
            warn("the maximum value of opcode is 10")?;
            return Ok(None);
        }
        let Some(opcode) = u8::try_from(opcode).ok().and_then(Opcode::from_u8) else { return Ok(None) };
        let mut close = None;
        if opcode == Opcode::Close {
            close = CloseFrame::payload(code as u16, payload.as_deref().unwrap_or_default());
            if close.is_none() {
                crate::log::warning("pack_close_frame", None, "the max length of close reason is 125");
                return Ok(None);
            }
        }
        if opcode.is_control() {
            flags = (flags | FLAG_FIN) & !(FLAG_COMPRESS | FLAG_RSV1);
        }
        Ok(Some(Self { opcode, flags, payload, close }))
    }

    pub fn payload(&self) -> &[u8] {
        match &self.close {
            Some((bytes, length)) => &bytes[..*length],
            None => self.payload.as_deref().unwrap_or_default(),
        }
    }

    pub fn fin(&self) -> bool {
        self.flags & FLAG_FIN != 0
    }

    /// Whether the program compressed the payload itself, and says so.
    pub fn is_packed(&self) -> bool {
        self.flags & FLAG_RSV1 != 0 && !self.opcode.is_control()
    }

    /// Whether it asks for compression and can have it: a whole message that is not empty.
    pub fn compresses(&self) -> bool {
        self.flags & FLAG_COMPRESS != 0
            && self.fin()
            && !self.opcode.is_control()
            && self.opcode != Opcode::Continuation
            && !self.payload().is_empty()
    }

    /// Appends the frame as it is, a compressed one without context.
    pub fn encode(&self, out: &mut Vec<u8>) {
        let mask = (self.flags & FLAG_MASK != 0).then(mask_key);
        if self.compresses() {
            let mut packed = Vec::new();
            Deflater::new(15, false, LEVEL).push(self.payload(), true, &mut packed);
            wire::encode(out, true, true, self.opcode, mask, &packed);
        } else {
            let rsv1 = self.flags & FLAG_RSV1 != 0;
            wire::encode(out, self.fin(), rsv1, self.opcode, mask, self.payload());
        }
    }
}

/// Numbers of the declared properties.
const FD: u32 = 0;
const DATA: u32 = 1;
const OPCODE: u32 = 2;
const FLAGS: u32 = 3;
const FINISH: u32 = 4;
const CODE: u32 = 5;
const REASON: u32 = 6;

/// A Frame or CloseFrame object. `flags` are `SWOOLE_WEBSOCKET_FLAG_*`; `fd` when there is one.
pub(crate) fn object(opcode: Opcode, payload: &[u8], flags: i64, fd: Option<i64>) -> Value {
    let class = if opcode == Opcode::Close { ce::websocket_close_frame() } else { ce::websocket_frame() };
    let value = new_object(class);
    if let Some(object) = value.as_zval().obj() {
        fill(object, opcode, payload, flags, fd);
    }
    value
}

fn fill(object: &mut ZendObject, opcode: Opcode, payload: &[u8], flags: i64, fd: Option<i64>) {
    if opcode == Opcode::Close {
        if let [high, low, reason @ ..] = payload {
            object.slot(CODE).set_long(i64::from(*high) << 8 | i64::from(*low));
            if !reason.is_empty() {
                object.slot(REASON).assign(Value::string(reason));
            }
        }
    } else {
        object.slot(DATA).assign(Value::string(payload));
    }
    let flags = if flags & FLAG_RSV1 != 0 { flags | FLAG_COMPRESS } else { flags };
    object.slot(OPCODE).set_long(opcode as i64);
    object.slot(FLAGS).set_long(flags);
    object.slot(FINISH).assign(Value::bool(flags & FLAG_FIN != 0));
    if let Some(fd) = fd {
        object.slot(FD).set_long(fd);
    }
}

/// One frame out of its bytes; None when they are not a whole one.
pub(crate) fn decode(bytes: &[u8]) -> Option<Value> {
    let (header, size) = protocol::websocket::FrameHeader::parse(bytes).ok()?.ok()?;
    let end = size.checked_add(usize::try_from(header.len).ok()?)?;
    let mut payload = bytes.get(size..end)?.to_vec();
    if let Some(key) = header.mask {
        protocol::websocket::mask::apply(&mut payload, key, 0);
    }
    let mut flags = i64::from(header.fin);
    if header.mask.is_some() {
        flags |= FLAG_MASK;
    }
    if header.rsv1 {
        flags |= FLAG_RSV1;
        let mut inflated = Vec::new();
        Inflater::new(15, false).push(&payload, true, &mut inflated, MAX_UNPACKED).ok()?;
        payload = inflated;
    }
    Some(object(header.opcode, &payload, flags, None))
}

/// Random bytes of the kernel's, fetched many at a time.
pub(crate) fn random<const N: usize>() -> [u8; N] {
    thread_local! {
        static POOL: RefCell<(Vec<u8>, u32)> = const { RefCell::new((Vec::new(), 0)) };
    }
    POOL.with_borrow_mut(|(pool, owner)| {
        // A forked child must not repeat its parent's bytes.
        let process = std::process::id();
        if pool.len() < N || *owner != process {
            pool.resize(N.max(1024), 0);
            *owner = process;
            let mut done = 0;
            while done < pool.len() {
                let rest = &mut pool[done..];
                // SAFETY: writes at most the length given (getrandom(2)).
                let n = unsafe { libc::getrandom(rest.as_mut_ptr().cast(), rest.len(), 0) };
                done += usize::try_from(n).unwrap_or(0);
            }
        }
        let mut bytes = [0; N];
        let rest = pool.len() - N;
        bytes.copy_from_slice(&pool[rest..]);
        pool.truncate(rest);
        bytes
    })
}

/// A fresh masking key (RFC 6455, section 5.3).
pub(crate) fn mask_key() -> [u8; 4] {
    random()
}
