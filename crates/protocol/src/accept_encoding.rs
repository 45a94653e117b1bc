//! Choosing a content coding by `Accept-Encoding` (RFC 9110 12.5.3).

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Coding {
    Gzip,
    Deflate,
    Brotli,
    Zstd,
}

impl Coding {
    /// The order of choice among codings that the client likes alike.
    pub const PREFERENCE: &'static [Coding] = &[Coding::Brotli, Coding::Gzip, Coding::Deflate, Coding::Zstd];

    /// The name in `Content-Encoding`.
    pub const fn name(self) -> &'static str {
        match self {
            Coding::Gzip => "gzip",
            Coding::Deflate => "deflate",
            Coding::Brotli => "br",
            Coding::Zstd => "zstd",
        }
    }

    /// The coding of a `Content-Encoding` or `Accept-Encoding` name, in any case.
    pub fn from_name(name: &[u8]) -> Option<Coding> {
        let all = Coding::PREFERENCE.iter().copied();
        let alias = name.eq_ignore_ascii_case(b"x-gzip").then_some(Coding::Gzip);
        all.into_iter().find(|c| name.eq_ignore_ascii_case(c.name().as_bytes())).or(alias)
    }
}

/// The coding among `supported` (best first) that the client likes most; None to send it plain.
/// `*` names none: what a client means by it is anybody's guess, plain is always right.
pub fn negotiate(header: &[u8], supported: &[Coding]) -> Option<Coding> {
    let mut weights = [None; 4];
    let mut identity = None;
    for item in header.split(|&b| b == b',') {
        let mut parts = item.split(|&b| b == b';').map(<[u8]>::trim_ascii);
        let name = parts.next().unwrap_or_default();
        let weight = parts.find_map(quality).unwrap_or(1000);
        if name.eq_ignore_ascii_case(b"identity") {
            identity = Some(weight);
        } else if let Some(coding) = Coding::from_name(name) {
            weights[coding as usize] = Some(weight);
        }
    }
    let weight = |coding: Coding| weights[coding as usize].unwrap_or(0);
    // max_by_key takes the last of equals; `supported` has the best first.
    let best = supported.iter().copied().rev().max_by_key(|c| weight(*c))?;
    let plain = identity.unwrap_or(0);
    (weight(best) > 0 && weight(best) >= plain).then_some(best)
}

/// `q=0.5` in thousandths; a malformed weight counts as 0, as it asks for nothing clear.
fn quality(parameter: &[u8]) -> Option<u16> {
    let [b'q' | b'Q', b'=', text @ ..] = parameter else {
        return None;
    };
    let (whole, fraction) = match text {
        [whole] => (whole, &[][..]),
        [whole, b'.', fraction @ ..] if fraction.len() <= 3 => (whole, fraction),
        _ => return Some(0),
    };
    if !fraction.iter().all(u8::is_ascii_digit) {
        return Some(0);
    }
    let thousandths = (0..3).fold(0, |n, i| n * 10 + fraction.get(i).map_or(0, |d| u16::from(d - b'0')));
    match whole {
        b'0' => Some(thousandths),
        b'1' => Some(1000),
        _ => Some(0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices() {
        use Coding::*;
        for (header, expected) in [
            ("", None),
            ("gzip", Some(Gzip)),
            ("gzip, deflate, br, zstd", Some(Brotli)),
            ("GZIP;q=0.5, deflate", Some(Deflate)),
            ("br;q=0, gzip", Some(Gzip)),
            ("br; q=0.1, zstd; q=0.2", Some(Zstd)),
            ("*", None),
            ("*;q=0", None),
            ("gzip, *", Some(Gzip)),
            ("identity", None),
            ("identity;q=1, gzip;q=0.5", None),
            ("identity;q=0.5, gzip", Some(Gzip)),
            ("bread, gzipped", None),
            ("gzip;q=x", None),
            ("gzip;q=1.0001", None),
            ("x-gzip", Some(Gzip)),
        ] {
            assert_eq!(negotiate(header.as_bytes(), Coding::PREFERENCE), expected, "{header}");
        }
        assert_eq!(negotiate(b"br, gzip", &[Gzip]), Some(Gzip));
        assert_eq!(negotiate(b"br", &[]), None);
    }
}
