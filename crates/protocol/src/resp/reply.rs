//! Replies (RESP2), appended to a buffer. A nested reply is its header followed by its elements.

use std::io::Write as _;

/// A null bulk string.
pub fn nil(out: &mut Vec<u8>) {
    out.extend_from_slice(b"$-1\r\n");
}

/// A status, such as `OK`.
pub fn status(out: &mut Vec<u8>, text: &[u8]) {
    line(out, b'+', text);
}

/// An error; by custom the text begins with a word in capitals, such as `ERR`.
pub fn error(out: &mut Vec<u8>, text: &[u8]) {
    line(out, b'-', text);
}

/// An integer.
pub fn int(out: &mut Vec<u8>, value: i64) {
    number(out, b':', value);
}

/// A bulk string: any bytes.
pub fn string(out: &mut Vec<u8>, value: &[u8]) {
    out.reserve(value.len() + 32);
    number(out, b'$', value.len() as i64);
    out.extend_from_slice(value);
    out.extend_from_slice(b"\r\n");
}

/// The header of an array; `len` elements follow.
pub fn set(out: &mut Vec<u8>, len: usize) {
    number(out, b'*', len as i64);
}

/// The header of a map: an array in which `len` pairs follow, key and value in turn.
pub fn map(out: &mut Vec<u8>, len: usize) {
    number(out, b'*', (len as i64).saturating_mul(2));
}

/// `-ERR unknown command`, with the command as it was sent.
pub fn unknown_command(out: &mut Vec<u8>, command: &[u8]) {
    let mut text = b"ERR unknown command '".to_vec();
    text.extend_from_slice(command.get(..128).unwrap_or(command));
    text.push(b'\'');
    error(out, &text);
}

/// A line break inside would let whoever chose the text forge further replies.
fn line(out: &mut Vec<u8>, kind: u8, text: &[u8]) {
    out.push(kind);
    out.extend(text.iter().map(|byte| if matches!(byte, b'\r' | b'\n') { b' ' } else { *byte }));
    out.extend_from_slice(b"\r\n");
}

fn number(out: &mut Vec<u8>, kind: u8, value: i64) {
    out.push(kind);
    // INVARIANT: writing to a Vec cannot fail.
    let _ = write!(out, "{value}\r\n");
}
