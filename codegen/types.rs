//! PHP type texts (`?int`, `Foo|false`) as Zend's C macros want them.

/// A type: the classes it names and the mask of built-in types.
#[derive(Default)]
pub struct Type {
    pub classes: Vec<String>,
    /// `IS_LONG` … of a lone built-in type (with or without null), which has macros of its own.
    pub single: Option<&'static str>,
    pub mask: Vec<&'static str>,
    pub nullable: bool,
}

impl Type {
    /// `None` for no type at all.
    pub fn parse(text: &str) -> Result<Option<Self>, String> {
        if text.is_empty() {
            return Ok(None);
        }
        if text.contains('&') {
            return Err(format!("intersection type {text} is not supported"));
        }
        let mut parsed = Self::default();
        let mut codes = Vec::new();
        let body = text.strip_prefix('?').inspect(|_| parsed.nullable = true).unwrap_or(text);
        for part in body.split('|') {
            match built_in(part) {
                Some(("IS_NULL", _)) => parsed.nullable = true,
                Some((code, mask)) => {
                    codes.push(code);
                    parsed.mask.push(mask);
                }
                None => parsed.classes.push(part.trim_start_matches('\\').to_owned()),
            }
        }
        if parsed.classes.is_empty() && codes.len() == 1 && !codes[0].is_empty() {
            parsed.single = Some(codes[0]);
        }
        if codes.is_empty() && parsed.classes.is_empty() {
            parsed.single = Some("IS_NULL");
            parsed.nullable = false;
        }
        Ok(Some(parsed))
    }

    /// `MAY_BE_A|MAY_BE_B`, `0` when empty; null included.
    pub fn mask(&self) -> String {
        let mut all = self.mask.clone();
        if self.nullable {
            all.push("MAY_BE_NULL");
        }
        if all.is_empty() { "0".into() } else { all.join("|") }
    }

    /// `Foo\\Bar|Baz`, as the macros stringify it.
    pub fn class_text(&self) -> String {
        self.classes.join("|").replace('\\', "\\\\")
    }
}

/// The type code (empty where the lone type has only a mask) and the mask.
fn built_in(name: &str) -> Option<(&'static str, &'static str)> {
    Some(match name.to_ascii_lowercase().as_str() {
        "int" => ("IS_LONG", "MAY_BE_LONG"),
        "float" => ("IS_DOUBLE", "MAY_BE_DOUBLE"),
        "string" => ("IS_STRING", "MAY_BE_STRING"),
        "bool" => ("_IS_BOOL", "MAY_BE_BOOL"),
        "false" => ("", "MAY_BE_FALSE"),
        "true" => ("", "MAY_BE_TRUE"),
        "array" => ("IS_ARRAY", "MAY_BE_ARRAY"),
        "object" => ("IS_OBJECT", "MAY_BE_OBJECT"),
        "callable" => ("IS_CALLABLE", "MAY_BE_CALLABLE"),
        "mixed" => ("IS_MIXED", "MAY_BE_ANY"),
        "void" => ("IS_VOID", "MAY_BE_VOID"),
        "never" => ("IS_NEVER", "MAY_BE_NEVER"),
        "static" => ("IS_STATIC", "MAY_BE_STATIC"),
        "null" => ("IS_NULL", "MAY_BE_NULL"),
        _ => return None,
    })
}
