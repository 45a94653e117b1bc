//! The tracer: `swoole_tracer_prof_begin()` and `_end()` write a profile of all coroutines for Chrome's trace viewer or
//! Perfetto, with `swoole.profile`; `swoole_tracer_leak_detect()` tells what is allocated and not freed, and
//! where, with `swoole.leak_detection`.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::fmt::Write;
use std::os::unix::ffi::OsStrExt;
use std::time::Instant;

use crate::zend::registration::ini;
use crate::zend::trace::{self, Blocks, Calls, Function};
use crate::zend::{Call, PhpResult, Value, Zval, ZvalExt, invoke};

/// A call under way.
struct Open {
    frame: usize,
    name: String,
    began: u64,
}

/// A call that has ended; times in microseconds.
struct Event {
    name: String,
    began: u64,
    took: u64,
    coroutine: i64,
}

struct Profile {
    /// Left out of file names.
    root: Vec<u8>,
    start: Instant,
    stacks: HashMap<i64, Vec<Open>>,
    events: Vec<Event>,
}

/// Where memory was allocated.
#[derive(Default)]
struct Site {
    file: Vec<u8>,
    place: String,
    blocks: usize,
    bytes: usize,
}

#[derive(Default)]
struct Leaks {
    sites: Vec<Site>,
    /// Places in `sites`, by file and line.
    known: HashMap<(usize, u32), usize>,
    /// Size and site of each block.
    blocks: HashMap<usize, (usize, usize)>,
    round: u64,
}

thread_local! {
    static PROFILE: RefCell<Option<Profile>> = const { RefCell::new(None) };
    static LEAKS: RefCell<Option<Leaks>> = const { RefCell::new(None) };
    /// Our own doings are nobody's leaks.
    static PAUSED: Cell<bool> = const { Cell::new(false) };
}

struct Tracer;

fn coroutine_id() -> i64 {
    coroutine::current().unwrap_or(-1)
}

impl Calls for Tracer {
    fn begun(frame: usize, function: impl FnOnce(&mut dyn FnMut(&Function<'_>))) {
        PROFILE.with_borrow_mut(|profile| {
            let Some(profile) = profile else { return };
            let mut name = String::new();
            function(&mut |function| {
                let text = |bytes| String::from_utf8_lossy(bytes);
                let file = function.file.strip_prefix(&profile.root[..]).unwrap_or(function.file);
                _ = match function.class {
                    Some(class) => write!(name, "{}::{} ({}:{})", text(class), text(function.name), text(file), function.line),
                    None => write!(name, "{} ({}:{})", text(function.name), text(file), function.line),
                };
            });
            let began = profile.start.elapsed().as_micros() as u64;
            profile.stacks.entry(coroutine_id()).or_default().push(Open { frame, name, began });
        });
    }

    fn ended(frame: usize) {
        PROFILE.with_borrow_mut(|profile| {
            let Some(profile) = profile else { return };
            let coroutine = coroutine_id();
            let Some(stack) = profile.stacks.get_mut(&coroutine) else { return };
            // Calls that began before the profile did have no entry; those above were cut short.
            let Some(at) = stack.iter().rposition(|open| open.frame == frame) else { return };
            stack.truncate(at + 1);
            let Some(open) = stack.pop() else { return };
            if stack.is_empty() {
                profile.stacks.remove(&coroutine);
            }
            let now = profile.start.elapsed().as_micros() as u64;
            profile.events.push(Event { name: open.name, began: open.began, took: now - open.began, coroutine });
        });
    }
}

impl Blocks for Tracer {
    fn made(block: usize, size: usize) {
        if PAUSED.get() {
            return;
        }
        LEAKS.with_borrow_mut(|leaks| {
            let (Some(leaks), Some((file, name, line))) = (leaks, trace::running_line()) else { return };
            let next = leaks.sites.len();
            let mut site = *leaks.known.entry((file, line)).or_insert(next);
            // Code of eval() goes, and another file's name may come to lie where its was.
            if leaks.sites.get(site).is_none_or(|site| site.file != name) {
                let place = format!("{}:{line}", String::from_utf8_lossy(name));
                leaks.sites.push(Site { file: name.to_vec(), place, ..Site::default() });
                leaks.known.insert((file, line), next);
                site = next;
            }
            leaks.sites[site].blocks += 1;
            leaks.sites[site].bytes += size;
            leaks.blocks.insert(block, (size, site));
        });
    }

    fn moved(from: usize, to: usize, size: usize) {
        let known = LEAKS.with_borrow_mut(|leaks| {
            let Some(leaks) = leaks else { return true };
            let Some((before, site)) = leaks.blocks.remove(&from) else { return false };
            leaks.sites[site].bytes = leaks.sites[site].bytes.wrapping_sub(before).wrapping_add(size);
            leaks.blocks.insert(to, (size, site));
            true
        });
        if !known {
            Self::made(to, size);
        }
    }

    fn freed(block: usize) {
        LEAKS.with_borrow_mut(|leaks| {
            let Some(leaks) = leaks else { return };
            if let Some((size, site)) = leaks.blocks.remove(&block) {
                leaks.sites[site].blocks -= 1;
                leaks.sites[site].bytes -= size;
            }
        });
    }
}

/// The module starts, its settings are known.
pub fn start() {
    if ini(|ini| ini.profile) {
        trace::calls::<Tracer>();
    }
}

pub fn request_start() {
    if ini(|ini| ini.leak_detection) {
        LEAKS.set(Some(Leaks::default()));
        trace::blocks::<Tracer>();
    }
}

pub fn request_end() {
    if ini(|ini| ini.leak_detection) {
        trace::end_blocks();
        LEAKS.set(None);
    }
    PROFILE.set(None);
}

pub fn prof_begin(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let options = call.args(0, 1)?.opt_array_or_null()?;
    let on = ini(|ini| ini.profile) && PROFILE.with_borrow(Option::is_none);
    ret.set_bool(on);
    if !on {
        return Ok(());
    }
    let mut root = options
        .and_then(|options| options.setting("root_path"))
        .and_then(ZvalExt::to_zstr)
        .map_or_else(Vec::new, |root| root.to_vec());
    if !root.is_empty() && !root.ends_with(b"/") {
        root.push(b'/');
    }
    PROFILE.set(Some(Profile { root, start: Instant::now(), stacks: HashMap::new(), events: Vec::new() }));
    Ok(())
}

pub fn prof_end(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let path = call.args(1, 1)?.bytes()?;
    let Some(profile) = PROFILE.take() else {
        ret.set_bool(false);
        return Ok(());
    };
    let written = std::fs::write(std::ffi::OsStr::from_bytes(path), document(&profile.events));
    ret.set_bool(written.is_ok());
    if let Err(problem) = written {
        let text = format!("{}: {problem}", String::from_utf8_lossy(path));
        return crate::zend::guarded(|| crate::zend::error::warning(&text)).result();
    }
    Ok(())
}

/// Chrome's trace event format: complete events, a thread for each coroutine.
fn document(events: &[Event]) -> String {
    let pid = std::process::id();
    let mut text = String::with_capacity(events.len() * 128 + 64);
    text.push_str("{\"traceEvents\":[");
    for (n, event) in events.iter().enumerate() {
        if n > 0 {
            text.push(',');
        }
        text.push_str("{\"name\":\"");
        escape(&mut text, &event.name);
        _ = write!(
            text,
            "\",\"ph\":\"X\",\"cat\":\"FEE\",\"ts\":{},\"dur\":{},\"pid\":{pid},\"tid\":{}}}",
            event.began, event.took, event.coroutine
        );
    }
    text.push_str("],\"displayTimeUnit\":\"ms\"}");
    text
}

/// A JSON string's inside (RFC 8259, section 7).
fn escape(to: &mut String, text: &str) {
    for letter in text.chars() {
        match letter {
            '"' | '\\' => to.extend(['\\', letter]),
            control if control < ' ' => _ = write!(to, "\\u{:04x}", u32::from(control)),
            other => to.push(other),
        }
    }
}

fn size(bytes: usize) -> String {
    let (mut size, mut unit) = (bytes as f64, 0);
    const UNITS: [&str; 5] = ["B", "KB", "MB", "GB", "TB"];
    while size >= 1024.0 && unit + 1 < UNITS.len() {
        size /= 1024.0;
        unit += 1;
    }
    format!("{size:.2} {}", UNITS[unit])
}

/// Tells the places that hold `threshold` blocks or more, and forgets what they hold.
pub fn leak_detect(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let threshold = usize::try_from(call.args(0, 1)?.opt_long()?.unwrap_or(64)).unwrap_or(0).max(1);
    let report = LEAKS.with_borrow_mut(|leaks| {
        let leaks = leaks.as_mut()?;
        let mut report = String::new();
        for site in leaks.sites.iter().filter(|site| site.blocks >= threshold) {
            _ = writeln!(
                report,
                "[Round#{}] leak {}, alloc {} times at {}",
                leaks.round,
                size(site.bytes),
                site.blocks,
                site.place
            );
        }
        leaks.round += 1;
        let sites = &leaks.sites;
        leaks.blocks.retain(|_, (_, site)| sites[*site].blocks < threshold);
        for site in leaks.sites.iter_mut().filter(|site| site.blocks >= threshold) {
            (site.blocks, site.bytes) = (0, 0);
        }
        Some(report)
    });
    if let Some(report) = report.filter(|report| !report.is_empty()) {
        PAUSED.set(true);
        let args = [Value::string(b"%s"), Value::string(report.as_bytes())].map(Value::into_zval);
        let printed = invoke::function(c"printf", &mut { args });
        PAUSED.set(false);
        printed?;
    }
    Ok(())
}
