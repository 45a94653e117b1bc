//! Static files, the part without a file system: from request path to relative path, and whether
//! the client's copy is still good.

use std::time::SystemTime;

use crate::percent;

/// Why a path names no file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    #[error("path holds a NUL")]
    Nul,
    #[error("path leads out of the root")]
    Escape,
    #[error("path is too long")]
    TooLong,
}

/// Longest path that Linux takes, its NUL included (limits.h).
const PATH_MAX: usize = 4096;

/// The path below the document root that `path` (not decoded, without query) means: decoded once,
/// `.` and empty segments gone, `..` resolved, no slash at either end. Symbolic links are the
/// caller's to check.
pub fn relative_path(path: &[u8]) -> Result<Vec<u8>, PathError> {
    let path = path.split(|&b| b == b'#').next().unwrap_or_default();
    let decoded = percent::raw_url_decode(path);
    if decoded.contains(&0) {
        return Err(PathError::Nul);
    }
    let mut segments: Vec<&[u8]> = Vec::new();
    for segment in decoded.split(|&b| b == b'/') {
        match segment {
            b"" | b"." => {}
            b".." => {
                segments.pop().ok_or(PathError::Escape)?;
            }
            name => segments.push(name),
        }
    }
    let joined = segments.join(&b'/');
    if joined.len() >= PATH_MAX { Err(PathError::TooLong) } else { Ok(joined) }
}

/// Does `path` lie under one of `locations` (prefixes, in any case)? With none, everything does.
pub fn in_locations<'a>(path: &[u8], locations: impl IntoIterator<Item = &'a [u8]>) -> bool {
    let mut none = true;
    for prefix in locations {
        none = false;
        if path.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix)) {
            return true;
        }
    }
    none
}

/// A weak validator from modification time and size, as web servers make it.
pub fn etag(modified: SystemTime, size: u64) -> String {
    let since = modified.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    format!("W/\"{:x}-{:x}\"", since.as_secs(), size)
}

/// Is a GET or HEAD to be answered 304 (RFC 9110 13.2.2)? `If-None-Match` overrules the date.
pub fn not_modified(if_none_match: Option<&[u8]>, if_modified_since: Option<&[u8]>, etag: &[u8], modified: SystemTime) -> bool {
    if let Some(list) = if_none_match {
        let list = list.trim_ascii();
        return list == b"*" || tags(list).any(|tag| opaque(tag) == opaque(etag));
    }
    if_modified_since.and_then(parse_date).is_some_and(|since| whole_seconds(modified) <= whole_seconds(since))
}

/// Does `Range` count (RFC 9110 13.1.5)? True without `If-Range`. A weak tag never matches.
pub fn range_applies(if_range: Option<&[u8]>, etag: &[u8], modified: SystemTime) -> bool {
    let Some(value) = if_range.map(<[u8]>::trim_ascii) else {
        return true;
    };
    if value.ends_with(b"\"") {
        return value == etag && !value.starts_with(b"W/");
    }
    parse_date(value).is_some_and(|date| whole_seconds(date) == whole_seconds(modified))
}

/// Any of the three date forms of RFC 9110 5.6.7.
pub fn parse_date(text: &[u8]) -> Option<SystemTime> {
    httpdate::parse_http_date(std::str::from_utf8(text).ok()?.trim()).ok()
}

fn whole_seconds(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |d| d.as_secs())
}

/// A tag without its weakness mark.
fn opaque(tag: &[u8]) -> &[u8] {
    tag.strip_prefix(b"W/").unwrap_or(tag)
}

/// The tags of a list; a comma inside quotes does not separate.
fn tags(list: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut quoted = false;
    list.split(move |&b| {
        quoted ^= b == b'"';
        b == b',' && !quoted
    })
    .map(<[u8]>::trim_ascii)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::time::Duration;

    #[test]
    fn paths_stay_inside() {
        for (path, expected) in [
            ("/", Ok("")),
            ("/a/b.txt", Ok("a/b.txt")),
            ("//a/./b//", Ok("a/b")),
            ("/a/../b", Ok("b")),
            ("/a%20b+c", Ok("a b+c")),
            ("/a#b", Ok("a")),
            ("/%2e%2e%2fetc/passwd", Err(PathError::Escape)),
            ("/a/../../etc", Err(PathError::Escape)),
            ("/..", Err(PathError::Escape)),
            ("/%252e%252e/x", Ok("%2e%2e/x")),
            ("/a%00.txt", Err(PathError::Nul)),
            ("/...", Ok("...")),
        ] {
            assert_eq!(relative_path(path.as_bytes()), expected.map(|s| s.as_bytes().to_vec()), "{path}");
        }
        assert_eq!(relative_path(&[b'a'; 5000]), Err(PathError::TooLong));
        assert!(in_locations(b"/Static/x", [&b"/static"[..]]) && !in_locations(b"/st", [&b"/static"[..]]));
        assert!(in_locations(b"/x", []));
    }

    #[test]
    fn conditions() {
        let modified = SystemTime::UNIX_EPOCH + Duration::from_millis(784_111_777_500);
        let same: Option<&[u8]> = Some(b"Sun, 06 Nov 1994 08:49:37 GMT");
        let tag = etag(modified, 255);
        assert_eq!(tag, "W/\"2ebc98a1-ff\"");
        let tag = tag.as_bytes();
        assert!(not_modified(None, same, tag, modified));
        assert!(not_modified(None, Some(b"Sunday, 06-Nov-94 08:49:38 GMT"), tag, modified));
        assert!(not_modified(None, Some(b"Sun Nov  6 08:49:37 1994"), tag, modified));
        assert!(!not_modified(None, Some(b"Sun, 06 Nov 1994 08:49:36 GMT"), tag, modified));
        assert!(!not_modified(None, Some(b"yesterday"), tag, modified) && !not_modified(None, None, tag, modified));
        assert!(not_modified(Some(b"*"), None, tag, modified));
        assert!(!not_modified(Some(b"\"other\""), same, tag, modified));
        let list = [b"\"a,b\", ", &tag[2..]].concat();
        assert!(not_modified(Some(&list), None, tag, modified));
        assert!(range_applies(None, tag, modified) && range_applies(same, tag, modified));
        assert!(!range_applies(Some(tag), tag, modified) && range_applies(Some(b"\"s\""), b"\"s\"", modified));
        assert!(!range_applies(Some(b"Sun, 06 Nov 1994 08:49:38 GMT"), tag, modified));
    }

    proptest! {
        #[test]
        fn no_path_leaves_the_root(path in proptest::collection::vec(proptest::sample::select(&b"./a%2eF\\"[..]), 0..40)) {
            if let Ok(relative) = relative_path(&path) {
                prop_assert!(!relative.starts_with(b"/"));
                prop_assert!(relative.split(|&b| b == b'/').all(|s| s != b".." && s != b"."));
            }
        }
    }
}
