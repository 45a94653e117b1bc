//! Which Rust function answers which stub: by name, checked both ways.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::Value;

/// What the Rust sources under src/php offer.
#[derive(Default)]
pub struct Found {
    /// `php::timer::tick` → the file that has it.
    handlers: BTreeMap<String, String>,
    /// Modules with a `pub fn class_init`.
    inits: BTreeSet<String>,
}

/// Looks for public functions with a handler's signature.
pub fn scan(source: &Path) -> Result<Found, String> {
    let mut found = Found::default();
    for file in crate::files_with(&source.join("php"), &["rs"])? {
        let text = fs::read_to_string(&file).map_err(|e| format!("{}: {e}", file.display()))?;
        let inside = file.strip_prefix(source).map_err(|e| e.to_string())?.with_extension("");
        let mut module: Vec<_> = inside.iter().map(|part| part.to_string_lossy().into_owned()).collect();
        if module.last().is_some_and(|name| name == "mod") {
            module.pop();
        }
        let module = module.join("::");
        for (at, _) in text.match_indices("pub fn ") {
            let line_start = text[..at].rfind('\n').map_or(0, |n| n + 1);
            if !text[line_start..at].trim().is_empty() {
                continue;
            }
            let rest = &text[at + "pub fn ".len()..];
            let (Some(open), Some(end)) = (rest.find('('), rest.find(['{', ';'])) else { continue };
            if open > end {
                continue;
            }
            let name = rest[..open].trim().trim_start_matches("r#");
            let types: String = rest[open..end].split_whitespace().collect();
            if name == "class_init" {
                found.inits.insert(module.clone());
            } else if types.contains(":&mutCall,") && types.ends_with(":&mutZval)->PhpResult")
                || types.contains(":&mutCall,") && types.ends_with(":&mutZval,)->PhpResult")
            {
                found.handlers.insert(format!("{module}::{name}"), inside.display().to_string());
            }
        }
    }
    Ok(found)
}

/// The handlers that the stubs name, numbered: the index into Rust's table.
pub struct Plan {
    index: BTreeMap<Handler, usize>,
    pub handlers: Vec<Handler>,
    /// Rust modules whose `class_init` is called, numbered alike.
    pub inits: Vec<String>,
}

/// A path below `crate`, and whether arguments are taken as PHP code takes them.
pub type Handler = (String, bool);

impl Plan {
    pub fn new(surface: &Value, found: &Found) -> Result<Self, String> {
        let mut plan = Self { index: BTreeMap::new(), handlers: Vec::new(), inits: Vec::new() };
        let mut missing = Vec::new();
        let mut take = |handler: Handler, stub: String| {
            if !found.handlers.contains_key(&handler.0) {
                missing.push(format!("  {stub} has no handler crate::{}", handler.0));
            } else if !plan.index.contains_key(&handler) {
                plan.index.insert(handler.clone(), plan.handlers.len());
                plan.handlers.push(handler);
            }
        };
        for class in list(surface, "classes") {
            for method in list(class, "methods") {
                if let Some(path) = method_path(class, method) {
                    take((path, flag(class, "userland")), format!("{}::{}", text(class, "name"), text(method, "name")));
                }
            }
        }
        for function in list(surface, "functions") {
            match function["handler"].as_str() {
                Some(path) => take((path.to_owned(), flag(function, "userland")), format!("{}()", text(function, "name"))),
                None => return Err(format!("stubs: function {} names no @handler", text(function, "name"))),
            }
        }
        if !missing.is_empty() {
            return Err(format!("stubs without a handler:\n{}", missing.join("\n")));
        }
        let idle: Vec<_> =
            found.handlers.iter().filter(|(path, _)| !plan.handlers.iter().any(|(taken, _)| taken == *path)).collect();
        if !idle.is_empty() {
            let lines: Vec<_> = idle.iter().map(|(path, file)| format!("  crate::{path} (src/{file}.rs)")).collect();
            return Err(format!("handlers without a stub (make them pub(crate) if they are helpers):\n{}", lines.join("\n")));
        }
        let modules: BTreeSet<_> = list(surface, "classes").iter().map(|class| class_module(text(class, "name"))).collect();
        for module in &found.inits {
            if !modules.contains(module) {
                return Err(format!("crate::{module}::class_init belongs to no stub class"));
            }
            plan.inits.push(module.clone());
        }
        Ok(plan)
    }

    /// `owner` says whether it is PHP code in Swoole: the class of a method, else the function.
    pub fn handler(&self, path: &str, owner: &Value) -> usize {
        self.index[&(path.to_owned(), flag(owner, "userland"))]
    }

    pub fn init(&self, class: &str) -> Option<usize> {
        let module = class_module(class);
        self.inits.iter().position(|other| *other == module)
    }
}

/// The path of a method's handler below `crate`; `None` for an abstract method.
pub fn method_path(class: &Value, method: &Value) -> Option<String> {
    if list(method, "flags").iter().any(|flag| flag == "abstract") {
        return None;
    }
    Some(match method["handler"].as_str() {
        Some(path) => path.to_owned(),
        None => format!("{}::{}", class_module(text(class, "name")), snake(text(method, "name"))),
    })
}

/// `Swoole\Coroutine\Channel` → `php::coroutine::channel`.
pub fn class_module(class: &str) -> String {
    let parts = class.strip_prefix("Swoole\\").unwrap_or(class).split('\\');
    parts.fold("php".to_owned(), |path, part| path + "::" + &snake(part))
}

/// `getCid` → `get_cid`, `__construct` → `construct`, `PDOPool` → `pdo_pool`.
pub fn snake(name: &str) -> String {
    // Words that are written with capitals inside.
    let mut name = name.trim_start_matches('_').to_owned();
    for (word, plain) in [
        ("WebSocket", "Websocket"),
        ("FastCGI", "Fastcgi"),
        ("MongoDB", "Mongodb"),
        ("PostgreSQL", "Postgresql"),
        ("MySQL", "Mysql"),
    ] {
        name = name.replace(word, plain);
    }
    let letters: Vec<char> = name.chars().collect();
    let mut snake = String::new();
    for (at, letter) in letters.iter().enumerate() {
        let after_small = at > 0 && (letters[at - 1].is_lowercase() || letters[at - 1].is_ascii_digit());
        let before_small = at > 0 && letters[at - 1].is_uppercase() && letters.get(at + 1).is_some_and(|l| l.is_lowercase());
        if letter.is_uppercase() && (after_small || before_small) {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    snake
}

pub fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().map_or(&[], Vec::as_slice)
}

pub fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

pub fn flag(value: &Value, key: &str) -> bool {
    value[key].as_bool().unwrap_or(false)
}
