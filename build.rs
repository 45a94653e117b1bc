//! Reads the stubs, writes the registration they ask for, and compiles the C beside it.
//!
//! stubs/*.stub.php → (PHP's own Reflection, codegen/stubs.php) → JSON → `registration.c` (arginfo, classes, constants)
//! and `handlers.rs` (one trampoline per method, class entries). See codegen/README.md.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

#[path = "codegen/emit_c.rs"]
mod emit_c;
#[path = "codegen/emit_rust.rs"]
mod emit_rust;
#[path = "codegen/handlers.rs"]
mod handlers;
#[path = "codegen/strings.rs"]
mod strings;
#[path = "codegen/types.rs"]
mod types;

fn main() {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    for watched in ["build.rs", "codegen", "stubs", "src/zend", "src/php"] {
        println!("cargo:rerun-if-changed={watched}");
    }
    // A pool thread may still sit in a system call when PHP unloads its modules: our code stays mapped.
    println!("cargo:rustc-cdylib-link-arg=-Wl,-z,nodelete");
    // Seventeen thousand pointers in tables of ours, in a tenth of the bytes: less to read at each start of a php.
    if glibc_version() >= (2, 36) {
        println!("cargo:rustc-cdylib-link-arg=-Wl,-z,pack-relative-relocs");
    }
    for variable in ["PHP", "PHP_CONFIG"] {
        println!("cargo:rerun-if-env-changed={variable}");
    }
    if let Err(message) = run(&root, &out) {
        eprintln!("\nerror: {message}\n");
        std::process::exit(1);
    }
}

fn run(root: &Path, out: &Path) -> Result<(), String> {
    if env::var("CARGO_CFG_TARGET_OS").as_deref() != Ok("linux") || env::var("CARGO_CFG_TARGET_ENV").as_deref() != Ok("gnu") {
        return Err("swoole needs Linux with glibc (musl and other systems are not supported)".into());
    }
    let php = Php::find()?;
    php.check()?;

    let surface = php.run(&["-n", path(&root.join("codegen/stubs.php")), path(&root.join("stubs"))])?;
    let surface = serde_json::from_str(&surface).map_err(|e| format!("codegen/stubs.php printed no JSON: {e}"))?;
    let found = handlers::scan(&root.join("src"))?;
    let plan = handlers::Plan::new(&surface, &found)?;

    let generated = out.join("registration.c");
    let c = emit_c::registration(&surface, &plan)?;
    write_if_changed(&generated, &c)?;
    write_if_changed(&out.join("handlers.rs"), &emit_rust::handlers(&surface, &plan)?)?;

    let mut sources = files_with(&root.join("src/zend"), &["c"])?;
    sources.push(generated);
    compile(root, out, &php, &sources)
}

/// Compiles the C when it, a header or a flag changed since the last time.
fn compile(root: &Path, out: &Path, php: &Php, sources: &[PathBuf]) -> Result<(), String> {
    let mut stamp = format!("2 {}\n{:?}\n", php.includes.join(" "), env::var("OPT_LEVEL"));
    for file in sources.iter().chain(&files_with(&root.join("src/zend"), &["h"])?) {
        stamp.push_str(&fs::read_to_string(file).map_err(|e| format!("{}: {e}", file.display()))?);
    }
    let stamped = out.join("c.stamp");
    if fs::read_to_string(&stamped).is_ok_and(|old| old == stamp) && out.join("libswoole_zend.a").exists() {
        println!("cargo:rustc-link-search=native={}", out.display());
        println!("cargo:rustc-link-lib=static=swoole_zend");
        return Ok(());
    }
    let mut build = cc::Build::new();
    build.files(sources).include(root.join("src/zend")).warnings(false).flag("-fvisibility=hidden");
    build
        .flag("-ftls-model=initial-exec")
        .flag("-Werror=implicit-function-declaration")
        .flag_if_supported("-Wno-unused-function");
    // A switch stores the VM's fields one by one; loading two of them as one vector right after stalls on
    // the stores (measured: a fifth of a switch).
    build.flag_if_supported("-fno-tree-slp-vectorize");
    for include in &php.includes {
        build.flag(include);
    }
    build.try_compile("swoole_zend").map_err(|e| e.to_string())?;
    fs::write(&stamped, stamp).map_err(|e| e.to_string())
}

/// Of the machine that builds, and hence at least of the one that loads.
fn glibc_version() -> (u32, u32) {
    unsafe extern "C" {
        fn gnu_get_libc_version() -> *const std::ffi::c_char;
    }
    // SAFETY: a static C string (gnu_get_libc_version(3)).
    let text = unsafe { std::ffi::CStr::from_ptr(gnu_get_libc_version()) }.to_string_lossy();
    let mut parts = text.split('.').map(|part| part.parse().unwrap_or(0));
    (parts.next().unwrap_or(0), parts.next().unwrap_or(0))
}

/// The PHP that the extension is built for.
struct Php {
    binary: String,
    includes: Vec<String>,
}

impl Php {
    fn find() -> Result<Self, String> {
        let config = env::var("PHP_CONFIG").unwrap_or_else(|_| "php-config".into());
        let ask = |option: &str| {
            let output = Command::new(&config)
                .arg(option)
                .output()
                .map_err(|e| format!("{config}: {e} (install PHP's development package, or set PHP_CONFIG)"))?;
            Ok::<_, String>(String::from_utf8_lossy(&output.stdout).trim().to_owned())
        };
        let binary = match env::var("PHP") {
            Ok(binary) => binary,
            Err(_) => ask("--php-binary")?,
        };
        let includes = ask("--includes")?.split_whitespace().map(str::to_owned).collect();
        Ok(Self { binary, includes })
    }

    fn check(&self) -> Result<(), String> {
        let facts = self.run(&["-n", "-r", "echo PHP_VERSION_ID, ' ', PHP_ZTS, ' ', PHP_VERSION;"])?;
        let mut facts = facts.split(' ');
        let id: u32 = facts.next().and_then(|id| id.parse().ok()).unwrap_or(0);
        let zts = facts.next() == Some("1");
        let version = facts.next().unwrap_or("?");
        if zts {
            return Err(format!("{} is a thread-safe (ZTS) PHP: swoole needs an NTS build", self.binary));
        }
        match id / 100 {
            802..=804 => Ok(()),
            _ => Err(format!("{} is PHP {version}: swoole builds for PHP 8.2, 8.3 and 8.4", self.binary)),
        }
    }

    fn run(&self, arguments: &[&str]) -> Result<String, String> {
        let output = Command::new(&self.binary).args(arguments).output().map_err(|e| format!("{}: {e}", self.binary))?;
        if !output.status.success() {
            let told = [output.stdout, output.stderr].concat();
            return Err(String::from_utf8_lossy(&told).trim().to_owned());
        }
        String::from_utf8(output.stdout).map_err(|e| e.to_string())
    }
}

fn files_with(folder: &Path, extensions: &[&str]) -> Result<Vec<PathBuf>, String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(|e| format!("{}: {e}", folder.display()))?.flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files_with(&path, extensions)?);
        } else if path.extension().is_some_and(|e| extensions.iter().any(|wanted| e == *wanted)) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

fn write_if_changed(path: &Path, text: &str) -> Result<(), String> {
    if fs::read_to_string(path).is_ok_and(|old| old == text) {
        return Ok(());
    }
    fs::write(path, text).map_err(|e| format!("{}: {e}", path.display()))
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap_or_default()
}
