//! Byte ranges (RFC 9110 14): which parts of a file to send, and how.

use crate::http1::response::push_decimal;

/// Ranges of one request beyond which it is a nuisance and gets the whole file.
const MAX_RANGES: usize = 32;

/// `start..end` in bytes, never empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ByteRange {
    pub start: u64,
    pub end: u64,
}

impl ByteRange {
    pub fn len(&self) -> u64 {
        self.end - self.start
    }

    pub fn is_empty(&self) -> bool {
        self.end <= self.start
    }
}

/// What to answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RangeVerdict {
    /// 200 and all of it: no range, another unit than bytes, or too many ranges.
    Whole,
    /// 206 with `Content-Range`.
    One(ByteRange),
    /// 206 as `multipart/byteranges`.
    Many(Vec<ByteRange>),
    /// 416 with `Content-Range: bytes */size`: malformed, or nothing of it is there.
    Unsatisfiable,
}

/// Judges the value of a `Range` field against a file of `size` bytes.
pub fn judge(header: &[u8], size: u64) -> RangeVerdict {
    let header = header.trim_ascii();
    let Some(set) = header.get(..6).filter(|unit| unit.eq_ignore_ascii_case(b"bytes=")).map(|_| &header[6..]) else {
        return RangeVerdict::Whole;
    };
    let mut ranges = Vec::new();
    let mut specs = 0;
    for spec in set.split(|&b| b == b',').map(<[u8]>::trim_ascii).filter(|s| !s.is_empty()) {
        specs += 1;
        match parse_spec(spec, size) {
            Some(Some(_)) if ranges.len() == MAX_RANGES => return RangeVerdict::Whole,
            Some(Some(range)) => ranges.push(range),
            Some(None) => {}
            None => return RangeVerdict::Unsatisfiable,
        }
    }
    if specs == 0 || ranges.is_empty() {
        return RangeVerdict::Unsatisfiable;
    }
    // Overlaps that add up to more than the file would be an amplifier.
    if ranges.len() > 1 && ranges.iter().map(ByteRange::len).fold(0, u64::saturating_add) > size {
        return RangeVerdict::Whole;
    }
    if let [one] = ranges[..] { RangeVerdict::One(one) } else { RangeVerdict::Many(ranges) }
}

/// None: malformed. Some(None): well-formed, but outside the file.
fn parse_spec(spec: &[u8], size: u64) -> Option<Option<ByteRange>> {
    let dash = memchr::memchr(b'-', spec)?;
    let (first, last) = (spec[..dash].trim_ascii(), spec[dash + 1..].trim_ascii());
    let (start, end) = match (first.is_empty(), last.is_empty()) {
        (true, true) => return None,
        (true, false) => (size.saturating_sub(number(last)?), size),
        (false, true) => (number(first)?, size),
        (false, false) => {
            let (first, last) = (number(first)?, number(last)?);
            if last < first {
                return None;
            }
            (first, last.saturating_add(1).min(size))
        }
    };
    Some((start < end).then_some(ByteRange { start, end }))
}

/// Huge numbers saturate: they lie beyond any file all the same.
fn number(digits: &[u8]) -> Option<u64> {
    digits
        .iter()
        .all(u8::is_ascii_digit)
        .then(|| digits.iter().fold(0u64, |n, d| n.saturating_mul(10).saturating_add(u64::from(d - b'0'))))
}

/// Appends the value of `Content-Range` for one range.
pub fn push_content_range(out: &mut Vec<u8>, range: ByteRange, size: u64) {
    out.extend_from_slice(b"bytes ");
    push_decimal(out, range.start);
    out.push(b'-');
    push_decimal(out, range.end - 1);
    out.push(b'/');
    push_decimal(out, size);
}

/// Appends the value of `Content-Range` for a 416.
pub fn push_unsatisfied_range(out: &mut Vec<u8>, size: u64) {
    out.extend_from_slice(b"bytes */");
    push_decimal(out, size);
}

/// What stands before each part of a `multipart/byteranges` body; `first` has no CRLF before it.
pub fn push_part_head(out: &mut Vec<u8>, first: bool, boundary: &[u8], content_type: &[u8], range: ByteRange, size: u64) {
    out.extend_from_slice(if first { b"--" } else { b"\r\n--" });
    out.extend_from_slice(boundary);
    out.extend_from_slice(b"\r\nContent-Type: ");
    out.extend_from_slice(content_type);
    out.extend_from_slice(b"\r\nContent-Range: ");
    push_content_range(out, range, size);
    out.extend_from_slice(b"\r\n\r\n");
}

/// What ends a `multipart/byteranges` body.
pub fn push_parts_end(out: &mut Vec<u8>, boundary: &[u8]) {
    out.extend_from_slice(b"\r\n--");
    out.extend_from_slice(boundary);
    out.extend_from_slice(b"--\r\n");
}

/// Length of a whole `multipart/byteranges` body, bytes.
pub fn parts_len(boundary: &[u8], content_type: &[u8], ranges: &[ByteRange], size: u64) -> u64 {
    let mut frame = Vec::new();
    for (at, range) in ranges.iter().enumerate() {
        push_part_head(&mut frame, at == 0, boundary, content_type, *range, size);
    }
    push_parts_end(&mut frame, boundary);
    frame.len() as u64 + ranges.iter().map(ByteRange::len).sum::<u64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verdicts() {
        use RangeVerdict::*;
        let one = |start, end| One(ByteRange { start, end });
        for (header, expected) in [
            ("bytes=0-4", one(0, 5)),
            ("Bytes= 2 - ", one(2, 10)),
            ("bytes=-3", one(7, 10)),
            ("bytes=-30", one(0, 10)),
            ("bytes=9-99999999999999999999999", one(9, 10)),
            ("bytes=20-,1-1", one(1, 2)),
            ("bytes=0-0,-1", Many(vec![ByteRange { start: 0, end: 1 }, ByteRange { start: 9, end: 10 }])),
            ("bytes=0-,0-,0-", Whole),
            ("lines=0-4", Whole),
            ("", Whole),
            ("bytes=10-", Unsatisfiable),
            ("bytes=-0", Unsatisfiable),
            ("bytes=5-4", Unsatisfiable),
            ("bytes=", Unsatisfiable),
            ("bytes=-", Unsatisfiable),
            ("bytes=a-b", Unsatisfiable),
            ("bytes=1-2x", Unsatisfiable),
            ("bytes=+1-2", Unsatisfiable),
        ] {
            assert_eq!(judge(header.as_bytes(), 10), expected, "{header}");
        }
        assert_eq!(judge(b"bytes=0-", 0), Unsatisfiable);
        let many = format!("bytes={}", "1-1,".repeat(40));
        assert_eq!(judge(many.as_bytes(), 1000), Whole);
    }

    #[test]
    fn parts() {
        let ranges = [ByteRange { start: 0, end: 1 }, ByteRange { start: 8, end: 10 }];
        let mut out = Vec::new();
        push_part_head(&mut out, true, b"B", b"t/x", ranges[0], 10);
        out.push(b'0');
        push_part_head(&mut out, false, b"B", b"t/x", ranges[1], 10);
        out.extend_from_slice(b"89");
        push_parts_end(&mut out, b"B");
        assert_eq!(
            String::from_utf8_lossy(&out),
            "--B\r\nContent-Type: t/x\r\nContent-Range: bytes 0-0/10\r\n\r\n0\r\n--B\r\nContent-Type: t/x\r\nContent-Range: bytes 8-9/10\r\n\r\n89\r\n--B--\r\n"
        );
        assert_eq!(parts_len(b"B", b"t/x", &ranges, 10), out.len() as u64);
        out.clear();
        push_unsatisfied_range(&mut out, 10);
        assert_eq!(out, b"bytes */10");
    }
}
