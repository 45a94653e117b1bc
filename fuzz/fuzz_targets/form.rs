//! Any query string: it is parsed within its limits, and encoding a value is undone by parsing.
#![no_main]
use libfuzzer_sys::fuzz_target;
use protocol::form::{Array, Key, Limits, Value, parse};
use protocol::percent::url_encode;

fn depth(array: &Array) -> usize {
    let inner = array.iter().map(|(_, value)| match value {
        Value::Leaf(_) => 0,
        Value::Array(array) => depth(array),
    });
    1 + inner.max().unwrap_or(0)
}

fuzz_target!(|data: &[u8]| {
    let limits = Limits { max_vars: 20, max_nesting: 5, separators: b"&" };
    let (vars, _) = parse(data, &limits);
    assert!(vars.len() <= limits.max_vars && depth(&vars) <= limits.max_nesting + 1);
    for (key, value) in vars.iter() {
        assert_eq!(vars.get(key), Some(value));
    }
    let mut text = b"v=".to_vec();
    url_encode(data, &mut text);
    let (vars, _) = parse(&text, &limits);
    assert_eq!(vars.get(&Key::Str(b"v".to_vec())), Some(&Value::Leaf(data.to_vec())));
});
