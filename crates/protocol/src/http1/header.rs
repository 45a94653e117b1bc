//! Header fields as offsets into the raw bytes they were parsed from, and the rules of their text.

/// A half-open byte range of a message's raw bytes. Messages are below 4 GiB by their limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Span {
    pub start: u32,
    pub end: u32,
}

impl Span {
    pub const EMPTY: Span = Span { start: 0, end: 0 };

    pub(crate) fn new(start: usize, end: usize) -> Span {
        // Saturation cannot happen below the limits; an impossible span then reads as empty.
        let narrow = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Span { start: narrow(start), end: narrow(end) }
    }

    /// Where `part` lies within `whole`; `part` must be a sub-slice of it.
    pub(crate) fn within(whole: &[u8], part: &[u8]) -> Span {
        let start = (part.as_ptr() as usize).wrapping_sub(whole.as_ptr() as usize);
        Span::new(start, start.wrapping_add(part.len()))
    }

    /// The bytes of this span in the message it came from; empty if `raw` is too short to hold it.
    pub fn of<'a>(&self, raw: &'a [u8]) -> &'a [u8] {
        raw.get(self.start as usize..self.end as usize).unwrap_or(&[])
    }

    pub fn len(&self) -> usize {
        self.end.saturating_sub(self.start) as usize
    }

    pub fn is_empty(&self) -> bool {
        self.end <= self.start
    }
}

/// One header field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeaderSpan {
    pub known: KnownHeader,
    pub name: Span,
    /// The value without the white space around it.
    pub value: Span,
}

macro_rules! known_headers {
    ($($variant:ident = $name:literal),* $(,)?) => {
        /// Fields that the server looks at, or meets so often that a ready-made key is worth having.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[repr(u8)]
        pub enum KnownHeader { $($variant,)* Other }

        impl KnownHeader {
            /// Every known field, in the order of their discriminants.
            pub const ALL: &'static [KnownHeader] = &[$(KnownHeader::$variant),*];

            /// The lower-case name; empty for [`KnownHeader::Other`].
            pub const fn name(self) -> &'static str {
                match self { $(KnownHeader::$variant => $name,)* KnownHeader::Other => "" }
            }
        }
    };
}

known_headers! {
    Host = "host",
    UserAgent = "user-agent",
    Accept = "accept",
    AcceptEncoding = "accept-encoding",
    AcceptLanguage = "accept-language",
    Authorization = "authorization",
    CacheControl = "cache-control",
    Connection = "connection",
    ContentEncoding = "content-encoding",
    ContentLength = "content-length",
    ContentType = "content-type",
    Cookie = "cookie",
    Date = "date",
    Expect = "expect",
    IfModifiedSince = "if-modified-since",
    IfNoneMatch = "if-none-match",
    IfRange = "if-range",
    KeepAlive = "keep-alive",
    Location = "location",
    Origin = "origin",
    Range = "range",
    Referer = "referer",
    Server = "server",
    SetCookie = "set-cookie",
    TransferEncoding = "transfer-encoding",
    Upgrade = "upgrade",
    SecWebSocketAccept = "sec-websocket-accept",
    SecWebSocketExtensions = "sec-websocket-extensions",
    SecWebSocketKey = "sec-websocket-key",
    SecWebSocketProtocol = "sec-websocket-protocol",
    SecWebSocketVersion = "sec-websocket-version",
    XForwardedFor = "x-forwarded-for",
    XRealIp = "x-real-ip",
    XRequestedWith = "x-requested-with",
}

impl KnownHeader {
    /// Recognises a field by name, in any case.
    pub fn classify(name: &[u8]) -> KnownHeader {
        use KnownHeader::*;
        let first = name.first().map_or(0, u8::to_ascii_lowercase);
        let guess = match (name.len(), first) {
            (4, b'h') => Host,
            (4, b'd') => Date,
            (5, b'r') => Range,
            (6, b'a') => Accept,
            (6, b'c') => Cookie,
            (6, b'e') => Expect,
            (6, b'o') => Origin,
            (6, b's') => Server,
            (7, b'r') => Referer,
            (7, b'u') => Upgrade,
            (8, b'l') => Location,
            (8, b'i') => IfRange,
            (9, b'x') => XRealIp,
            (10, b'u') => UserAgent,
            (10, b'c') => Connection,
            (10, b'k') => KeepAlive,
            (10, b's') => SetCookie,
            (12, b'c') => ContentType,
            (13, b'a') => Authorization,
            (13, b'c') => CacheControl,
            (13, b'i') => IfNoneMatch,
            (14, b'c') => ContentLength,
            (15, b'a') if name[7..].eq_ignore_ascii_case(b"encoding") => AcceptEncoding,
            (15, b'a') => AcceptLanguage,
            (15, b'x') => XForwardedFor,
            (16, b'c') => ContentEncoding,
            (16, b'x') => XRequestedWith,
            (17, b't') => TransferEncoding,
            (17, b'i') => IfModifiedSince,
            (17, b's') => SecWebSocketKey,
            (20, b's') => SecWebSocketAccept,
            (21, b's') => SecWebSocketVersion,
            (22, b's') => SecWebSocketProtocol,
            (24, b's') => SecWebSocketExtensions,
            _ => return Other,
        };
        if is_lower_of(name, guess.name().as_bytes()) { guess } else { Other }
    }
}

/// Is `known`, which is lower case, `name` in some case? Eight bytes at a time: this runs for each field.
fn is_lower_of(name: &[u8], known: &[u8]) -> bool {
    fn word(text: &[u8], at: usize) -> Option<u64> {
        text.get(at..at + 8)?.try_into().ok().map(u64::from_ne_bytes)
    }
    fn same(name: u64, known: u64) -> bool {
        // Letters alone have 0x40, and their case is the bit below it.
        name | (known & 0x4040_4040_4040_4040) >> 1 == known
    }
    if name.len() != known.len() {
        return false;
    }
    let Some(last) = known.len().checked_sub(8) else { return name.eq_ignore_ascii_case(known) };
    // The last word overlaps the one before it, so that there is no rest.
    (0..last).step_by(8).chain([last]).all(|at| match (word(name, at), word(known, at)) {
        (Some(name), Some(known)) => same(name, known),
        _ => false,
    })
}

/// Is `b` a `tchar` of RFC 9110 5.6.2?
pub const fn is_token_byte(b: u8) -> bool {
    matches!(b, b'!' | b'#' | b'$' | b'%' | b'&' | b'\'' | b'*' | b'+' | b'-' | b'.' | b'^' | b'_' | b'`' | b'|' | b'~')
        || b.is_ascii_alphanumeric()
}

static TOKEN: [bool; 256] = {
    let mut table = [false; 256];
    let mut b = 0;
    while b < 256 {
        table[b] = is_token_byte(b as u8);
        b += 1;
    }
    table
};

/// May `name` be sent as a field name?
pub fn is_token(name: &[u8]) -> bool {
    !name.is_empty() && name.iter().all(|&b| TOKEN[usize::from(b)])
}

/// A name that ends no field and begins none: what a program may send though it is no token. Receivers may refuse it.
pub fn is_safe_name(name: &[u8]) -> bool {
    !name.is_empty() && name.iter().all(|&b| b > b' ' && b != b':' && b != 0x7f)
}

/// May `value` be sent as a field value? CR, LF and NUL would let a caller write other fields.
pub fn is_safe_value(value: &[u8]) -> bool {
    // Values are short: a word with no byte below a space needs no closer look.
    let (words, rest) = value.as_chunks::<8>();
    let control = |word: &[u8; 8]| {
        let word = u64::from_ne_bytes(*word);
        word.wrapping_sub(0x2020_2020_2020_2020) & !word & 0x8080_8080_8080_8080 != 0
    };
    let harmless = |bytes: &[u8]| !bytes.iter().any(|b| matches!(b, b'\r' | b'\n' | 0));
    words.iter().all(|word| !control(word) || harmless(word)) && harmless(rest)
}

/// `value` without spaces, tabs, CR and LF on either side.
pub fn trim(value: &[u8]) -> &[u8] {
    value.trim_ascii()
}

/// Does the comma-separated list `value` hold `token`, in any case?
pub fn list_contains(value: &[u8], token: &str) -> bool {
    value.split(|&b| b == b',').any(|item| item.trim_ascii().eq_ignore_ascii_case(token.as_bytes()))
}

/// Appends `name` the way header names are usually written: `content-type` as `Content-Type`.
pub fn push_title_case(out: &mut Vec<u8>, name: &[u8]) {
    let mut upper = true;
    out.extend(name.iter().map(|&b| {
        let shown = if upper { b.to_ascii_uppercase() } else { b.to_ascii_lowercase() };
        upper = b == b'-';
        shown
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_header_is_recognised_in_any_case() {
        for &known in KnownHeader::ALL {
            assert_eq!(KnownHeader::classify(known.name().as_bytes()), known, "{}", known.name());
            assert_eq!(KnownHeader::classify(known.name().to_uppercase().as_bytes()), known);
        }
        assert_eq!(KnownHeader::classify(b"hosu"), KnownHeader::Other);
        assert_eq!(KnownHeader::classify(b""), KnownHeader::Other);
        assert_eq!(KnownHeader::classify(b"accept-encodinh"), KnownHeader::Other);
    }

    #[test]
    fn one_byte_changed_is_another_header() {
        for &known in KnownHeader::ALL {
            for at in 0..known.name().len() {
                for byte in 0..=255 {
                    let mut name = known.name().as_bytes().to_vec();
                    name[at] = byte;
                    let same = name.eq_ignore_ascii_case(known.name().as_bytes());
                    assert_eq!(KnownHeader::classify(&name) == known, same, "{} at {at}: {byte}", known.name());
                }
            }
        }
    }

    #[test]
    fn unsafe_values_wherever_the_byte_is() {
        for length in 1..40 {
            for at in 0..length {
                for byte in 0..=255 {
                    let mut value = vec![b'v'; length];
                    value[at] = byte;
                    assert_eq!(is_safe_value(&value), !matches!(byte, b'\r' | b'\n' | 0));
                }
            }
        }
    }

    #[test]
    fn lists_titles_and_tokens() {
        assert!(list_contains(b"keep-alive, Upgrade", "upgrade"));
        assert!(!list_contains(b"upgraded", "upgrade"));
        let mut out = Vec::new();
        push_title_case(&mut out, b"x-request-ID");
        assert_eq!(out, b"X-Request-Id");
        assert!(is_token(b"x-y") && !is_token(b"x y") && !is_token(b"") && !is_token(b"a:b"));
        assert!(is_safe_value(b"a b\t") && !is_safe_value(b"a\r\nb") && !is_safe_value(b"a\0"));
    }
}
