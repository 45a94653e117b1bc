//! FastCGI 1.0 records, as a client of PHP-FPM and its like writes and reads them.

use crate::framing::Step;

/// The size of a record's header in bytes.
pub const HEADER: usize = 8;
/// The most content that one record carries, in bytes.
pub const MAX_CONTENT: usize = 65_535;

/// What a record is (section 8, "Types and Constants").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// Begins a request.
    BeginRequest = 1,
    /// Gives a request up.
    AbortRequest = 2,
    /// Ends a request.
    EndRequest = 3,
    /// A stream of names and values.
    Params = 4,
    /// The request's body.
    Stdin = 5,
    /// The response.
    Stdout = 6,
    /// Error messages.
    Stderr = 7,
    /// More input, for filters.
    Data = 8,
    /// A question about the server's limits.
    GetValues = 9,
    /// The answer.
    GetValuesResult = 10,
    /// The answer to a kind that is not known.
    UnknownType = 11,
}

impl Kind {
    fn from_u8(value: u8) -> Option<Self> {
        Some(match value {
            1 => Self::BeginRequest,
            2 => Self::AbortRequest,
            3 => Self::EndRequest,
            4 => Self::Params,
            5 => Self::Stdin,
            6 => Self::Stdout,
            7 => Self::Stderr,
            8 => Self::Data,
            9 => Self::GetValues,
            10 => Self::GetValuesResult,
            11 => Self::UnknownType,
            _ => return None,
        })
    }
}

/// The stream is not FastCGI.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a FastCGI record")]
pub struct Malformed;

/// One record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record<'a> {
    /// What it is; None for a kind that the specification does not know.
    pub kind: Option<Kind>,
    /// The request that it belongs to; 0 for the connection.
    pub request_id: u16,
    /// Its content, without padding.
    pub content: &'a [u8],
}

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EndRequest {
    /// The program's exit status.
    pub app_status: u32,
    /// 0 done, 1 cannot multiplex, 2 overloaded, 3 unknown role.
    pub protocol_status: u8,
}

impl EndRequest {
    /// Reads an [`Kind::EndRequest`] record's content.
    pub fn parse(content: &[u8]) -> Option<Self> {
        let [a, b, c, d, protocol_status, ..] = *content else {
            return None;
        };
        Some(Self { app_status: u32::from_be_bytes([a, b, c, d]), protocol_status })
    }
}

/// Looks for a record at the start of `buf`: its range, padding included.
///
/// # Errors
/// [`Malformed`] when the version is not 1.
pub fn next(buf: &[u8]) -> Result<Step, Malformed> {
    if buf.first().is_some_and(|version| *version != 1) {
        return Err(Malformed);
    }
    let Some(&[_, _, _, _, high, low, padding, _]) = buf.first_chunk::<HEADER>() else {
        return Ok(Step::NeedMore { hint: HEADER - buf.len() });
    };
    let total = HEADER + usize::from(u16::from_be_bytes([high, low])) + usize::from(padding);
    Ok(match total.checked_sub(buf.len()) {
        None | Some(0) => Step::Frame(0..total),
        Some(hint) => Step::NeedMore { hint },
    })
}

/// Reads the record that [`next`] found.
///
/// # Errors
/// [`Malformed`] when `bytes` is not one.
pub fn parse(bytes: &[u8]) -> Result<Record<'_>, Malformed> {
    let (header, rest) = bytes.split_first_chunk::<HEADER>().ok_or(Malformed)?;
    let &[1, kind, id_high, id_low, high, low, _, _] = header else {
        return Err(Malformed);
    };
    let content = rest.get(..usize::from(u16::from_be_bytes([high, low]))).ok_or(Malformed)?;
    Ok(Record { kind: Kind::from_u8(kind), request_id: u16::from_be_bytes([id_high, id_low]), content })
}

/// Appends a begin-request record in the role of a responder.
pub fn begin_request(out: &mut Vec<u8>, request_id: u16, keep_connection: bool) {
    record(out, Kind::BeginRequest, request_id, &[0, 1, u8::from(keep_connection), 0, 0, 0, 0, 0]);
}

/// Appends a stream's bytes in as many records as they need; with `end` also the empty record that
/// closes it.
pub fn stream(out: &mut Vec<u8>, kind: Kind, request_id: u16, content: &[u8], end: bool) {
    for part in content.chunks(MAX_CONTENT) {
        record(out, kind, request_id, part);
    }
    if end {
        record(out, kind, request_id, &[]);
    }
}

/// Appends a name and a value to a [`Kind::Params`] stream's content.
pub fn param(out: &mut Vec<u8>, name: &[u8], value: &[u8]) {
    for len in [name.len(), value.len()] {
        match u8::try_from(len) {
            Ok(short) if short < 0x80 => out.push(short),
            // Lengths have 31 bits; nothing that long gets here, and if so it is cut.
            _ => out.extend_from_slice(&(len.min(0x7fff_ffff) as u32 | 0x8000_0000).to_be_bytes()),
        }
    }
    out.extend_from_slice(name);
    out.extend_from_slice(value);
}

/// A name and its value.
pub type Param<'a> = (&'a [u8], &'a [u8]);

/// Reads the names and values of a whole [`Kind::Params`] stream.
///
/// # Errors
/// [`Malformed`] when it ends within one.
pub fn params(mut content: &[u8]) -> Result<Vec<Param<'_>>, Malformed> {
    let mut pairs = Vec::new();
    while !content.is_empty() {
        let name = length(&mut content)?;
        let value = length(&mut content)?;
        let (name, rest) = content.split_at_checked(name).ok_or(Malformed)?;
        let (value, rest) = rest.split_at_checked(value).ok_or(Malformed)?;
        pairs.push((name, value));
        content = rest;
    }
    Ok(pairs)
}

fn length(content: &mut &[u8]) -> Result<usize, Malformed> {
    match **content {
        [short, ref rest @ ..] if short < 0x80 => {
            *content = rest;
            Ok(usize::from(short))
        }
        [a, b, c, d, ref rest @ ..] => {
            *content = rest;
            Ok(u32::from_be_bytes([a & 0x7f, b, c, d]) as usize)
        }
        _ => Err(Malformed),
    }
}

fn record(out: &mut Vec<u8>, kind: Kind, request_id: u16, content: &[u8]) {
    // INVARIANT: every caller passes at most MAX_CONTENT bytes.
    let len = content.len() as u16;
    let padding = len.wrapping_neg() as u8 & 7;
    let [id_high, id_low] = request_id.to_be_bytes();
    let [high, low] = len.to_be_bytes();
    out.extend_from_slice(&[1, kind as u8, id_high, id_low, high, low, padding, 0]);
    out.extend_from_slice(content);
    out.resize(out.len() + usize::from(padding), 0);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_request_as_bytes() {
        let mut out = Vec::new();
        begin_request(&mut out, 1, true);
        assert_eq!(out, [1, 1, 0, 1, 0, 8, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]);
        out.clear();
        stream(&mut out, Kind::Stdin, 0x0102, b"abc", true);
        assert_eq!(out, b"\x01\x05\x01\x02\0\x03\x05\0abc\0\0\0\0\0\x01\x05\x01\x02\0\0\0\0");
        assert_eq!(EndRequest::parse(&[0, 0, 1, 0, 2, 0, 0, 0]), Some(EndRequest { app_status: 256, protocol_status: 2 }));
        assert_eq!(next(b"\x02"), Err(Malformed));
        assert_eq!(next(&out[..9]), Ok(Step::NeedMore { hint: 7 }));
    }

    proptest! {
        #[test]
        fn streams_and_params_come_back(
            pairs in prop::collection::vec((prop::collection::vec(any::<u8>(), 0..200), prop::collection::vec(any::<u8>(), 0..200)), 0..5),
            big in 0usize..200_000,
        ) {
            let mut content = Vec::new();
            pairs.iter().for_each(|(name, value)| param(&mut content, name, value));
            let read = params(&content).expect("own output");
            prop_assert!(read.iter().map(|(n, v)| (n.to_vec(), v.to_vec())).eq(pairs.iter().cloned()));
            content.resize(content.len() + big, 9);
            let mut wire = Vec::new();
            stream(&mut wire, Kind::Stdout, 7, &content, true);
            let (mut at, mut back, mut ended) = (0, Vec::new(), false);
            while let Ok(Step::Frame(range)) = next(&wire[at..]) {
                let record = parse(&wire[at..][range.clone()]).expect("own output");
                prop_assert_eq!((record.kind, record.request_id), (Some(Kind::Stdout), 7));
                ended = record.content.is_empty();
                back.extend_from_slice(record.content);
                at += range.end;
            }
            prop_assert!(ended && at == wire.len() && back == content);
        }

        #[test]
        fn garbage_never_panics(data in prop::collection::vec(any::<u8>(), 0..64)) {
            let _ = next(&data);
            let _ = parse(&data);
            let _ = params(&data);
            let _ = EndRequest::parse(&data);
        }
    }
}
