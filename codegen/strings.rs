//! Names of the surface as the strings that PHP would make of them: hashed and laid out when the module is built, so that
//! PHP neither allocates nor looks for them each time it starts.

use std::collections::HashMap;
use std::fmt::Write;

/// An array of words, in which a string is: where its lower-case form is, and then a `zend_string`.
#[derive(Default)]
pub struct Strings {
    words: Vec<String>,
    known: HashMap<String, usize>,
}

impl Strings {
    /// C for the `zend_string`.
    pub fn string(&mut self, text: &str) -> String {
        format!("SWRS_STRING({})", self.add(text))
    }

    /// C for its text.
    pub fn text(&mut self, text: &str) -> String {
        format!("SWRS_TEXT({})", self.add(text))
    }

    fn add(&mut self, text: &str) -> usize {
        if let Some(at) = self.known.get(text) {
            return *at;
        }
        assert!(text.is_ascii(), "{text}: a name is plain ASCII");
        let lower = text.to_ascii_lowercase();
        let other = (lower != text).then(|| self.add(&lower));
        let at = self.words.len() + 1;
        self.words.push(other.unwrap_or(at).to_string());
        self.words.extend(["SWRS_GC".into(), format!("{:#x}", hash(text)), text.len().to_string()]);
        for piece in [text.as_bytes(), &[0]].concat().chunks(8) {
            let mut word = [0; 8];
            word[..piece.len()].copy_from_slice(piece);
            self.words.push(format!("SWRS_WORD({:#x})", u64::from_be_bytes(word)));
        }
        self.known.insert(text.to_owned(), at);
        at
    }

    /// The array itself.
    pub fn code(&self) -> String {
        let mut out = format!("static uint64_t swrs_strings[{}] = {{\n", self.words.len().max(1));
        for line in self.words.chunks(8) {
            let _ = writeln!(out, "    {},", line.join(", "));
        }
        out + "};\n"
    }
}

/// Zend's: Bernstein's, times 33, with the highest bit set so that it is never 0.
fn hash(text: &str) -> u64 {
    text.bytes().fold(5381u64, |hash, byte| hash.wrapping_mul(33).wrapping_add(u64::from(byte))) | 1 << 63
}
