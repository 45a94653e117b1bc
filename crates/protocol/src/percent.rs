//! Percent-coding with PHP's rules: a stray `%` stays as it is.

/// `urldecode()`: `%XX` and `+`.
pub fn url_decode(input: &[u8]) -> Vec<u8> {
    decode(input, true)
}

/// `rawurldecode()`: `%XX` only.
pub fn raw_url_decode(input: &[u8]) -> Vec<u8> {
    decode(input, false)
}

/// `urlencode()`: letters, digits, `-._` stay, a space becomes `+`.
pub fn url_encode(input: &[u8], out: &mut Vec<u8>) {
    for &byte in input {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => out.push(byte),
            b' ' => out.push(b'+'),
            _ => {
                let digit = |n: u8| b"0123456789ABCDEF"[n as usize];
                out.extend_from_slice(&[b'%', digit(byte >> 4), digit(byte & 15)]);
            }
        }
    }
}

fn decode(input: &[u8], plus: bool) -> Vec<u8> {
    let mut out = Vec::with_capacity(input.len());
    let mut rest = input;
    while let [first, tail @ ..] = rest {
        rest = tail;
        match (first, tail) {
            (b'%', [high, low, after @ ..]) => match (hex(*high), hex(*low)) {
                (Some(high), Some(low)) => {
                    out.push(high << 4 | low);
                    rest = after;
                }
                _ => out.push(b'%'),
            },
            (b'+', _) if plus => out.push(b' '),
            (&byte, _) => out.push(byte),
        }
    }
    out
}

fn hex(byte: u8) -> Option<u8> {
    (byte as char).to_digit(16).map(|n| n as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_as_php_does() {
        assert_eq!(url_decode(b"a+b%20c%2B%zz%4"), b"a b c+%zz%4");
        assert_eq!(raw_url_decode(b"a+b%20%"), b"a+b %");
        let mut out = Vec::new();
        url_encode(b"a b~\xff-._", &mut out);
        assert_eq!(out, b"a+b%7E%FF-._");
    }
}
