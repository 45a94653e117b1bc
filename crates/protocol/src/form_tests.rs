use proptest::prelude::*;

use super::*;

/// As PHP's `json_encode(…, JSON_FORCE_OBJECT)` would show it.
fn show(array: &Array) -> String {
    let fields: Vec<String> = array
        .iter()
        .map(|(key, value)| {
            let key = match key {
                Key::Int(n) => n.to_string(),
                Key::Str(s) => format!("\"{}\"", String::from_utf8_lossy(s)),
            };
            match value {
                Value::Leaf(v) => format!("{key}:{}", String::from_utf8_lossy(v)),
                Value::Array(inner) => format!("{key}:{}", show(inner)),
            }
        })
        .collect();
    format!("{{{}}}", fields.join(","))
}

fn parsed(input: &str) -> String {
    show(&parse(input.as_bytes(), &Limits::default()).0)
}

// Each expectation is what php 8.2's parse_str() gives.
#[test]
fn names_are_read_as_php_reads_them() {
    for (input, expected) in [
        ("a=1&b=2", r#"{"a":1,"b":2}"#),
        ("a", r#"{"a":}"#),
        ("&&a=1&&", r#"{"a":1}"#),
        ("=9&[x]=1&+=2", "{}"),
        ("a=b=c", r#"{"a":b=c}"#),
        ("dup=1&dup=2", r#"{"dup":2}"#),
        ("a.b c=1", r#"{"a_b_c":1}"#),
        ("+a=1", r#"{"a":1}"#),
        ("a[]=1&a[]=2", r#"{"a":{0:1,1:2}}"#),
        ("a%5Bb%5D=1", r#"{"a":{"b":1}}"#),
        ("a[b][c]=1&a[b][d]=2", r#"{"a":{"b":{"c":1,"d":2}}}"#),
        ("a[5]=x&a[]=y", r#"{"a":{5:x,6:y}}"#),
        ("a[-5]=x&a[]=y", r#"{"a":{-5:x,-4:y}}"#),
        ("a[08]=1&a[8]=2&a[-0]=3", r#"{"a":{"08":1,8:2,"-0":3}}"#),
        ("a[9223372036854775807]=1&a[]=2", r#"{"a":{9223372036854775807:1}}"#),
        ("a[b.c=1", r#"{"a_b_c":1}"#),
        ("d[e][f=2", r#"{"d":{"e":2}}"#),
        ("g[][h=3", r#"{"g":{0:3}}"#),
        ("i[ ]=4", r#"{"i":{0:4}}"#),
        ("j[ k]=5", r#"{"j":{" k":5}}"#),
        ("l.m[n.o]=6", r#"{"l_m":{"n.o":6}}"#),
        ("p[q[]=7", r#"{"p":{"q[":7}}"#),
        ("r[s t.u=8", r#"{"r_s_t_u":8}"#),
        ("v[w]x=2", r#"{"v":{"w":2}}"#),
        ("v[w]x[y]=2", r#"{"v":{"w":2}}"#),
        ("arr=1&arr[]=2", r#"{"arr":{0:2}}"#),
        ("arr[]=1&arr=2", r#"{"arr":2}"#),
        ("a[b.c][d=1", r#"{"a":{"b.c":1}}"#),
        ("a[__Host-x]=1", r#"{"a":{}}"#),
        ("a[__Host-x][y]=1", r#"{"a":{}}"#),
        ("x%00y=4", r#"{"x":4}"#),
        ("7=a&007=b", r#"{7:a,"007":b}"#),
    ] {
        assert_eq!(parsed(input), expected, "{input}");
    }
    assert_eq!(show(&parse(b"a=1\0&b=2", &Limits::default()).0), r#"{"a":1}"#);
    assert_eq!(parsed("..Host-a=1&_.Secure-b=2&__Host-c=3"), r#"{"__Host-c":3}"#);
}

#[test]
fn limits_hold() {
    let many: String = (0..20).map(|i| format!("k{i}=v&")).collect();
    let (vars, excess) = parse(many.as_bytes(), &Limits { max_vars: 15, ..Limits::default() });
    assert_eq!((vars.len(), excess), (15, Excess { vars: true, nesting: false }));
    let exact = parse(many.as_bytes(), &Limits { max_vars: 20, ..Limits::default() });
    assert_eq!((exact.0.len(), exact.1), (20, Excess::default()));
    let deep = |n: usize| format!("a[x]=1&a{}=1&b=2", "[y]".repeat(n));
    assert_eq!(parse(deep(64).as_bytes(), &Limits::default()).1, Excess::default());
    let (vars, excess) = parse(deep(65).as_bytes(), &Limits::default());
    assert_eq!((show(&vars).as_str(), excess.nesting), (r#"{"b":2}"#, true));
    let both = Limits { separators: b";&", ..Limits::default() };
    assert_eq!(parse(b"a=1;b=2&c=3", &both).0.len(), 3);
}

proptest! {
    #[test]
    fn any_input_is_parsed(input in proptest::collection::vec(proptest::sample::select(&b"ab=&[]%2+. \0\xff0-"[..]), 0..80)) {
        let (vars, _) = parse(&input, &Limits::default());
        prop_assert!(vars.len() <= input.len());
    }

    #[test]
    fn encoded_pairs_come_back(pairs in proptest::collection::btree_map("[a-z_]{1,8}", proptest::collection::vec(any::<u8>(), 0..20), 0..30)) {
        let mut text = Vec::new();
        for (name, value) in &pairs {
            text.extend_from_slice(name.as_bytes());
            text.push(b'=');
            percent::url_encode(value, &mut text);
            text.push(b'&');
        }
        let (vars, _) = parse(&text, &Limits::default());
        prop_assert_eq!(vars.len(), pairs.len());
        for (name, value) in pairs {
            prop_assert_eq!(vars.get(&Key::new(name.as_bytes())), Some(&Value::Leaf(value)));
        }
    }
}
