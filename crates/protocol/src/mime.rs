//! File suffix to media type: mime_guess's table, with changes of the program's own.

use std::collections::{BTreeMap, HashMap};

/// What a file of unknown suffix is.
pub const OCTET_STREAM: &str = "application/octet-stream";

/// Media types by suffix, lower-case, without the dot.
#[derive(Debug, Clone, Default)]
pub struct MimeTable {
    /// None: taken out.
    own: HashMap<String, Option<String>>,
}

impl MimeTable {
    pub fn new() -> MimeTable {
        MimeTable::default()
    }

    /// The type of `filename` by what follows its last dot (or of a bare suffix).
    pub fn find(&self, filename: &str) -> Option<&str> {
        let suffix = suffix_of(filename);
        match self.own.get(&suffix) {
            Some(own) => own.as_deref(),
            None => built_in(&suffix),
        }
    }

    /// As [`MimeTable::find`], with [`OCTET_STREAM`] for the unknown.
    pub fn type_of(&self, filename: &str) -> &str {
        self.find(filename).unwrap_or(OCTET_STREAM)
    }

    pub fn contains(&self, filename: &str) -> bool {
        self.find(filename).is_some()
    }

    /// Adds a suffix; false if it is known already.
    pub fn add(&mut self, suffix: &str, media_type: &str) -> bool {
        let fresh = !self.contains(suffix);
        if fresh {
            self.set(suffix, media_type);
        }
        fresh
    }

    /// Adds or replaces a suffix.
    pub fn set(&mut self, suffix: &str, media_type: &str) {
        self.own.insert(suffix.to_ascii_lowercase(), Some(media_type.to_owned()));
    }

    /// Takes a suffix out; false if it is not known.
    pub fn remove(&mut self, suffix: &str) -> bool {
        let known = self.contains(suffix);
        if known {
            self.own.insert(suffix.to_ascii_lowercase(), None);
        }
        known
    }

    /// The whole table, ordered by suffix.
    pub fn list(&self) -> BTreeMap<String, String> {
        let all = mime_guess::get_extensions("*", "*").unwrap_or_default();
        let mut list: BTreeMap<String, String> =
            all.iter().filter_map(|s| Some(((*s).to_owned(), built_in(s)?.to_owned()))).collect();
        for (suffix, own) in &self.own {
            match own {
                Some(media_type) => list.insert(suffix.clone(), media_type.clone()),
                None => list.remove(suffix),
            };
        }
        list
    }
}

fn built_in(suffix: &str) -> Option<&'static str> {
    mime_guess::from_ext(suffix).first_raw()
}

fn suffix_of(filename: &str) -> String {
    filename.rsplit('.').next().unwrap_or(filename).to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lookups_and_changes() {
        let mut table = MimeTable::new();
        assert_eq!(table.type_of("/a.b/c.HTML"), "text/html");
        assert_eq!(table.type_of("png"), "image/png");
        assert_eq!(table.type_of("x.nosuch"), OCTET_STREAM);
        assert!(!table.add("html", "x/y") && table.add("NoSuch", "x/y"));
        assert_eq!(table.type_of("x.nosuch"), "x/y");
        table.set("html", "x/z");
        assert_eq!(table.type_of("c.html"), "x/z");
        assert!(table.remove("html") && !table.remove("html") && !table.contains("a.html"));
        let list = table.list();
        assert!(list.len() > 500 && !list.contains_key("html"));
        assert_eq!(list.get("nosuch").map(String::as_str), Some("x/y"));
    }
}
