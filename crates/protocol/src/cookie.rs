//! Cookies: the request's `Cookie` header by PHP's rules, and values for `Set-Cookie` (RFC 6265).

use crate::form::{Array, Excess, Key, Limits, Registered, is_space};
use crate::http1::response::push_decimal;
use crate::percent;

/// Adds the cookies of one `Cookie` header to `cookies`. Names are mangled like form names, values
/// are percent-decoded (`+` stays); of two cookies with one name the first wins.
pub fn parse_into(cookies: &mut Array, header: &[u8], limits: &Limits<'_>) -> Excess {
    let header = header.split(|&b| b == 0).next().unwrap_or_default();
    let mut excess = Excess::default();
    let mut count = 0;
    for item in header.split(|&b| b == b';') {
        let item = &item[item.iter().take_while(|&&b| is_space(b)).count()..];
        if item.is_empty() || item[0] == b'=' {
            continue;
        }
        count += 1;
        if count > limits.max_vars {
            excess.vars = true;
            break;
        }
        let equals = memchr::memchr(b'=', item);
        let name = &item[..equals.unwrap_or(item.len())];
        if cookies.get(&Key::new(name)).is_some() {
            continue;
        }
        let value = equals.map_or_else(Vec::new, |at| percent::raw_url_decode(&item[at + 1..]));
        excess.nesting |= cookies.register(name, value, limits.max_nesting) == Registered::TooDeep;
    }
    excess
}

/// The name and the raw value of a received `Set-Cookie`; None if it has no name.
pub fn split_set_cookie(header: &[u8]) -> Option<(&[u8], &[u8])> {
    let pair = header.split(|&b| b == b';').next()?;
    let equals = memchr::memchr(b'=', pair)?;
    let name = pair[..equals].trim_ascii();
    (!name.is_empty()).then(|| (name, pair[equals + 1..].trim_ascii()))
}

/// A cookie to set. Empty strings are fields that are not set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SetCookie<'a> {
    pub name: &'a [u8],
    /// Empty: the cookie is deleted.
    pub value: &'a [u8],
    /// Percent-encode the value (`cookie()`), or refuse one that would need it (`rawcookie()`).
    pub encode: bool,
    /// Seconds since the epoch; 0 or less: a session cookie.
    pub expires: i64,
    pub path: &'a [u8],
    pub domain: &'a [u8],
    pub secure: bool,
    pub http_only: bool,
    pub same_site: &'a [u8],
    pub priority: &'a [u8],
    pub partitioned: bool,
}

/// Why a cookie cannot be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CookieError {
    #[error("the name is empty")]
    EmptyName,
    #[error("the name holds '=' or a forbidden character")]
    Name,
    #[error("the value holds a forbidden character")]
    Value,
    #[error("the expiry lies beyond the year 9999")]
    Expires,
    #[error("the path holds a forbidden character")]
    Path,
    #[error("the domain holds a forbidden character")]
    Domain,
    #[error("SameSite or Priority holds a forbidden character")]
    Attribute,
}

const YEAR_10000: i64 = 253_402_300_800;

/// Comma, semicolon and white space; NUL too, which would end the header for a C client.
fn is_clean(text: &[u8]) -> bool {
    !text.iter().any(|b| UNCLEAN[usize::from(*b)])
}

static UNCLEAN: [bool; 256] = {
    let mut table = [false; 256];
    let mut b = 0;
    while b < 256 {
        table[b] = matches!(b as u8, b',' | b';' | b' ' | b'\t'..=b'\r' | 0);
        b += 1;
    }
    table
};

impl SetCookie<'_> {
    /// Appends the value of the `Set-Cookie` field; `now` in seconds since the epoch gives Max-Age.
    /// On an error `out` is as before.
    pub fn encode(&self, now: i64, out: &mut Vec<u8>) -> Result<(), CookieError> {
        if self.name.is_empty() {
            return Err(CookieError::EmptyName);
        }
        let checks = [
            (is_clean(self.name) && !self.name.contains(&b'='), CookieError::Name),
            (self.encode || is_clean(self.value), CookieError::Value),
            (self.value.is_empty() || self.expires < YEAR_10000, CookieError::Expires),
            (is_clean(self.path), CookieError::Path),
            (is_clean(self.domain), CookieError::Domain),
            (is_clean(self.same_site) && is_clean(self.priority), CookieError::Attribute),
        ];
        if let Some((_, error)) = checks.into_iter().find(|(fine, _)| !fine) {
            return Err(error);
        }
        out.extend_from_slice(self.name);
        if self.value.is_empty() {
            // The shortest date that any browser takes for past.
            out.extend_from_slice(b"=deleted; expires=");
            push_date(out, 1);
            out.extend_from_slice(b"; Max-Age=0");
        } else {
            out.push(b'=');
            if self.encode {
                percent::url_encode(self.value, out);
            } else {
                out.extend_from_slice(self.value);
            }
            if self.expires > 0 {
                out.extend_from_slice(b"; expires=");
                push_date(out, self.expires as u64);
                out.extend_from_slice(b"; Max-Age=");
                push_decimal(out, self.expires.saturating_sub(now).max(0) as u64);
            }
        }
        for (label, text) in [(&b"; path="[..], self.path), (b"; domain=", self.domain)] {
            push_attribute(out, label, text);
        }
        if self.secure {
            out.extend_from_slice(b"; secure");
        }
        if self.http_only {
            out.extend_from_slice(b"; HttpOnly");
        }
        for (label, text) in [(&b"; SameSite="[..], self.same_site), (b"; Priority=", self.priority)] {
            push_attribute(out, label, text);
        }
        if self.partitioned {
            out.extend_from_slice(b"; Partitioned");
        }
        Ok(())
    }
}

fn push_attribute(out: &mut Vec<u8>, label: &[u8], text: &[u8]) {
    if !text.is_empty() {
        out.extend_from_slice(label);
        out.extend_from_slice(text);
    }
}

/// `Thu, 01-Jan-1970 00:00:01 GMT`: the dashed form that PHP sends.
fn push_date(out: &mut Vec<u8>, second: u64) {
    let time = std::time::UNIX_EPOCH + std::time::Duration::from_secs(second);
    let mut text = httpdate::fmt_http_date(time).into_bytes();
    for at in [7, 11] {
        text[at] = b'-';
    }
    out.extend_from_slice(&text);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::Value;

    fn parsed(header: &str) -> Vec<(Key, Value<Vec<u8>>)> {
        let mut cookies = Array::new();
        parse_into(&mut cookies, header.as_bytes(), &Limits::default());
        cookies.into_entries()
    }

    fn pair(name: &str, value: &str) -> (Key, Value<Vec<u8>>) {
        (Key::new(name.as_bytes()), Value::Leaf(value.into()))
    }

    #[test]
    fn request_cookies() {
        assert_eq!(parsed("a=1; b=x%20y+z;c"), [pair("a", "1"), pair("b", "x y+z"), pair("c", "")]);
        assert_eq!(parsed("a=1; a=2; =3; ; d.e=4"), [pair("a", "1"), pair("d_e", "4")]);
        assert_eq!(parsed("%61=1"), [pair("%61", "1")]);
        assert_eq!(parsed("__Host-a=1; ..Host-a=2; _.Secure-x=1"), [pair("__Host-a", "1")]);
        let nested = parsed("a[b]=1");
        assert!(matches!(&nested[0].1, Value::Array(inner) if inner.len() == 1));
        let mut cookies = Array::new();
        let two = Limits { max_vars: 2, ..Limits::default() };
        assert!(parse_into(&mut cookies, b"a=1;b=2;c=3", &two).vars);
        assert_eq!(cookies.len(), 2);
    }

    #[test]
    fn set_cookie_values() {
        let full = SetCookie {
            name: b"n",
            value: b"a b",
            encode: true,
            expires: 784_111_777,
            path: b"/",
            domain: b"x.org",
            secure: true,
            http_only: true,
            same_site: b"Lax",
            priority: b"High",
            partitioned: true,
        };
        let mut out = Vec::new();
        assert_eq!(full.encode(784_111_700, &mut out), Ok(()));
        assert_eq!(
            String::from_utf8_lossy(&out),
            "n=a+b; expires=Sun, 06-Nov-1994 08:49:37 GMT; Max-Age=77; path=/; domain=x.org; secure; HttpOnly; SameSite=Lax; Priority=High; Partitioned"
        );
        out.clear();
        assert_eq!(SetCookie { name: b"n", ..SetCookie::default() }.encode(0, &mut out), Ok(()));
        assert_eq!(out, b"n=deleted; expires=Thu, 01-Jan-1970 00:00:01 GMT; Max-Age=0");
        out.clear();
        for (bad, error) in [
            (SetCookie { name: b"", ..full }, CookieError::EmptyName),
            (SetCookie { name: b"a=b", ..full }, CookieError::Name),
            (SetCookie { name: b"a;b", ..full }, CookieError::Name),
            (SetCookie { value: b"a b", encode: false, ..full }, CookieError::Value),
            (SetCookie { expires: YEAR_10000, ..full }, CookieError::Expires),
            (SetCookie { path: b"/\r\nX: y", ..full }, CookieError::Path),
            (SetCookie { domain: b"a;b", ..full }, CookieError::Domain),
            (SetCookie { same_site: b"Lax; x", ..full }, CookieError::Attribute),
        ] {
            assert_eq!(bad.encode(0, &mut out), Err(error));
            assert!(out.is_empty());
        }
        assert_eq!(split_set_cookie(b" a = b%20c ; path=/"), Some((&b"a"[..], &b"b%20c"[..])));
        assert_eq!(split_set_cookie(b"=b"), None);
    }
}
