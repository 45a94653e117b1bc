//! Any header is parsed; whatever cookie can be set stays one cookie and comes back as it was.
#![no_main]
use libfuzzer_sys::fuzz_target;
use protocol::cookie::{SetCookie, parse_into, split_set_cookie};
use protocol::form::{Array, Key, Limits, Value};
use protocol::percent::url_decode;

fuzz_target!(|data: &[u8]| {
    let limits = Limits::default();
    parse_into(&mut Array::new(), data, &limits);
    let _ = split_set_cookie(data);
    let [flags, cut, rest @ ..] = data else { return };
    let (name, value) = rest.split_at(usize::from(*cut).min(rest.len()));
    let encode = flags & 1 == 1;
    let cookie = SetCookie {
        name,
        value,
        encode,
        expires: i64::from(*cut) << (flags >> 2),
        path: if flags & 2 == 2 { name } else { b"" },
        ..SetCookie::default()
    };
    let mut out = Vec::new();
    if cookie.encode(1000, &mut out).is_err() {
        assert!(out.is_empty());
        return;
    }
    assert!(!out.iter().any(|b| matches!(b, b'\r' | b'\n' | 0)));
    let (seen, text) = split_set_cookie(&out).expect("a name and a value");
    assert_eq!(seen, name.trim_ascii());
    if value.is_empty() {
        assert_eq!(text, b"deleted");
    } else if encode {
        assert_eq!(url_decode(text), value);
    } else {
        assert_eq!(text, value.trim_ascii());
    }
    if name.iter().all(u8::is_ascii_alphabetic) && encode && !value.contains(&b' ') {
        let header = [name, b"=", text].concat();
        let mut cookies = Array::new();
        parse_into(&mut cookies, &header, &limits);
        let expected = if value.is_empty() { b"deleted" } else { value };
        assert_eq!(cookies.get(&Key::new(name)), Some(&Value::Leaf(expected.to_vec())));
    }
});
