//! Query strings and urlencoded forms as PHP reads them: brackets make arrays, dots and spaces in
//! names become underscores, and every quirk of old is kept, since programs rest on them.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::percent;

/// A key of a PHP array: canonical decimal strings are integers.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Key {
    Int(i64),
    Str(Vec<u8>),
}

impl Key {
    /// `"8"` and `"-8"` are integers; `"08"`, `"-0"` and `"+8"` are not.
    pub fn new(text: &[u8]) -> Key {
        Key::int(text).map_or_else(|| Key::Str(text.to_vec()), Key::Int)
    }

    fn int(text: &[u8]) -> Option<i64> {
        let digits = text.strip_prefix(b"-").unwrap_or(text);
        match digits {
            b"0" if digits.len() == text.len() => Some(0),
            [b'1'..=b'9', ..] if text.len() <= 20 && digits.iter().all(u8::is_ascii_digit) => {
                std::str::from_utf8(text).ok()?.parse().ok()
            }
            _ => None,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value<V> {
    Leaf(V),
    Array(Array<V>),
}

/// An ordered PHP array without PHP. `V` is the type of its leaves.
#[derive(Debug, Clone)]
pub struct Array<V = Vec<u8>> {
    entries: Vec<(Key, Value<V>)>,
    /// Built only once a linear search would cost more.
    index: HashMap<Key, usize>,
    /// The key that `[]` takes.
    next: i64,
}

/// Entries up to which a search is linear.
const LINEAR: usize = 12;

impl<V> Default for Array<V> {
    fn default() -> Array<V> {
        Array { entries: Vec::new(), index: HashMap::new(), next: i64::MIN }
    }
}

impl<V: PartialEq> PartialEq for Array<V> {
    fn eq(&self, other: &Array<V>) -> bool {
        self.entries == other.entries
    }
}

impl<V: Eq> Eq for Array<V> {}

impl<V> Array<V> {
    pub fn new() -> Array<V> {
        Array::default()
    }

    pub fn len(&self) -> usize {
        self.entries.len()
    }

    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// In order of insertion.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&Key, &Value<V>)> {
        self.entries.iter().map(|(key, value)| (key, value))
    }

    /// The entries, by value, in order.
    pub fn into_entries(self) -> Vec<(Key, Value<V>)> {
        self.entries
    }

    pub fn get(&self, key: &Key) -> Option<&Value<V>> {
        self.find(key).map(|at| &self.entries[at].1)
    }

    /// Registers a variable by its submitted name, as PHP's `php_register_variable_ex` does.
    /// `name` ends at its first NUL.
    pub fn register(&mut self, name: &[u8], value: V, max_nesting: usize) -> Registered {
        self.register_value(name, Value::Leaf(value), max_nesting)
    }

    /// As [`register`](Self::register), of a value that may be an array itself.
    pub fn register_value(&mut self, name: &[u8], value: Value<V>, max_nesting: usize) -> Registered {
        let name = name.split(|&b| b == 0).next().unwrap_or_default();
        let name = &name[name.iter().take_while(|&&b| b == b' ').count()..];
        let base_end = memchr::memchr(b'[', name).unwrap_or(name.len());
        let base = mangle(&name[..base_end], b" .");
        if base.is_empty() || is_forbidden(&base, name) {
            return Registered::Ignored;
        }
        let mut index = Some(base);
        let mut open = base_end;
        let mut at = &mut *self;
        for level in 1.. {
            if name.get(open) != Some(&b'[') {
                break;
            }
            if level > max_nesting {
                let key = Key::new(&mangle(&name[..base_end], b" ."));
                self.remove(&key);
                return Registered::TooDeep;
            }
            let start = open + 1;
            // One white-space character before `]` still means "next".
            let inner = start + usize::from(name.get(start).is_some_and(|b| is_space(*b)));
            let Some(close) = name.get(inner..).and_then(|rest| memchr::memchr(b']', rest)).map(|i| i + inner) else {
                // Not an index after all: at the first level the rest becomes part of the name.
                if level == 1 {
                    let whole = [&name[..open], b"_", &name[start..]].concat();
                    index = Some(Cow::Owned(mangle(&whole, b" .[").into_owned()));
                }
                break;
            };
            if index.as_ref().is_some_and(|text| is_forbidden(text, name)) {
                return Registered::Ignored;
            }
            let Some(child) = at.child(index.as_deref().map(Key::new)) else {
                return Registered::Ignored;
            };
            at = child;
            index = (close != inner).then(|| Cow::Borrowed(&name[start..close]));
            open = close + 1;
        }
        match index {
            Some(text) if is_forbidden(&text, name) => return Registered::Ignored,
            Some(text) => at.set(Key::new(&text), value),
            None => match at.next_key() {
                Some(key) => at.set(key, value),
                None => return Registered::Ignored,
            },
        }
        Registered::Stored
    }

    /// The array under `key` (or the next key), made if there is none or something else.
    fn child(&mut self, key: Option<Key>) -> Option<&mut Array<V>> {
        let key = match key {
            Some(key) => key,
            None => self.next_key()?,
        };
        let at = match self.find(&key) {
            Some(at) => at,
            None => self.append(key, Value::Array(Array::new())),
        };
        let slot = &mut self.entries[at].1;
        if matches!(slot, Value::Leaf(_)) {
            *slot = Value::Array(Array::new());
        }
        match slot {
            Value::Array(array) => Some(array),
            Value::Leaf(_) => None,
        }
    }

    /// None if the largest integer is taken.
    fn next_key(&self) -> Option<Key> {
        let key = Key::Int(if self.next == i64::MIN { 0 } else { self.next });
        if self.next == i64::MAX && self.find(&key).is_some() { None } else { Some(key) }
    }

    fn set(&mut self, key: Key, value: Value<V>) {
        match self.find(&key) {
            Some(at) => self.entries[at].1 = value,
            None => {
                self.append(key, value);
            }
        }
    }

    fn append(&mut self, key: Key, value: Value<V>) -> usize {
        if let Key::Int(n) = key
            && n >= self.next
        {
            self.next = n.saturating_add(1);
        }
        let at = self.entries.len();
        self.entries.push((key, value));
        if at == LINEAR {
            self.reindex();
        } else if at > LINEAR {
            self.index.insert(self.entries[at].0.clone(), at);
        }
        at
    }

    fn find(&self, key: &Key) -> Option<usize> {
        if self.entries.len() > LINEAR { self.index.get(key).copied() } else { self.entries.iter().position(|(k, _)| k == key) }
    }

    fn remove(&mut self, key: &Key) {
        if let Some(at) = self.find(key) {
            self.entries.remove(at);
            self.reindex();
        }
    }

    fn reindex(&mut self) {
        self.index.clear();
        if self.entries.len() > LINEAR {
            self.index.extend(self.entries.iter().enumerate().map(|(i, (k, _))| (k.clone(), i)));
        }
    }
}

/// What became of a variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Registered {
    Stored,
    /// Its name was empty, forbidden, or its array full.
    Ignored,
    /// Nested beyond the limit: the whole variable is gone, as in PHP.
    TooDeep,
}

fn mangle<'a>(name: &'a [u8], bad: &[u8]) -> Cow<'a, [u8]> {
    if name.iter().any(|b| bad.contains(b)) {
        Cow::Owned(name.iter().map(|b| if bad.contains(b) { b'_' } else { *b }).collect())
    } else {
        Cow::Borrowed(name)
    }
}

/// A name that only mangling turns into one of a browser-guarded prefix is an attack.
fn is_forbidden(mangled: &[u8], name: &[u8]) -> bool {
    [&b"__Host-"[..], b"__Secure-"].iter().any(|p| mangled.starts_with(p) && !name.starts_with(p))
}

/// C's `isspace`.
pub(crate) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t'..=b'\r')
}

/// PHP's input settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits<'a> {
    /// `max_input_vars`.
    pub max_vars: usize,
    /// `max_input_nesting_level`.
    pub max_nesting: usize,
    /// `arg_separator.input`: each of these bytes separates.
    pub separators: &'a [u8],
}

impl Default for Limits<'_> {
    fn default() -> Self {
        Limits { max_vars: 1000, max_nesting: 64, separators: b"&" }
    }
}

/// What parsing ran into; PHP warns of either.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Excess {
    /// Variables beyond `max_vars` were dropped.
    pub vars: bool,
    /// A variable nested beyond `max_nesting` was dropped.
    pub nesting: bool,
}

/// Parses a query string or an `application/x-www-form-urlencoded` body, up to its first NUL.
pub fn parse(input: &[u8], limits: &Limits<'_>) -> (Array, Excess) {
    let mut vars = Array::new();
    let excess = parse_into(&mut vars, input, limits);
    (vars, excess)
}

/// As [`parse`], adding to what is there.
pub fn parse_into(vars: &mut Array, input: &[u8], limits: &Limits<'_>) -> Excess {
    let input = input.split(|&b| b == 0).next().unwrap_or_default();
    let mut excess = Excess::default();
    let items = input.split(|b| limits.separators.contains(b)).filter(|item| !item.is_empty());
    for (count, item) in items.enumerate() {
        if count >= limits.max_vars {
            excess.vars = true;
            break;
        }
        let equals = memchr::memchr(b'=', item);
        let name = percent::url_decode(&item[..equals.unwrap_or(item.len())]);
        let value = equals.map_or_else(Vec::new, |at| percent::url_decode(&item[at + 1..]));
        excess.nesting |= vars.register(&name, value, limits.max_nesting) == Registered::TooDeep;
    }
    excess
}

#[cfg(test)]
#[path = "form_tests.rs"]
mod tests;
