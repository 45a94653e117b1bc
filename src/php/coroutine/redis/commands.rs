//! From a method's name and arguments to the words of a command.

use crate::zend::array::Key;
use crate::zend::{Array, Call, PhpResult, Value, ZStr, Zval, ZvalExt, invoke};

/// What the answer will be like.
#[derive(Clone)]
pub(super) enum Shape {
    Plain,
    /// The name of a type.
    Type,
    /// Names and values in turn.
    Pairs,
    /// Members and scores in turn.
    Scores,
    /// A value for each of these names.
    Fields(Vec<Vec<u8>>),
    /// Remembered for the next connection, when the server agrees.
    Auth(ZStr),
    Select(i64),
}

pub(super) struct Request {
    pub words: Vec<ZStr>,
    pub shape: Shape,
}

struct Words {
    all: Vec<ZStr>,
    serialize: bool,
}

impl Words {
    fn word(&mut self, word: &str) {
        self.all.push(ZStr::new(word.as_bytes()));
    }

    fn number(&mut self, number: usize) {
        self.word(&number.to_string());
    }

    fn text(&mut self, value: &Zval) -> PhpResult {
        self.all.extend(value.to_zstr());
        crate::zend::error::check()
    }

    /// What the program stores: serialized where it asks for that.
    fn value(&mut self, value: &Zval) -> PhpResult {
        if !self.serialize {
            return self.text(value);
        }
        let packed = invoke::function(c"serialize", &mut [Value::copy_of(value).into_zval()])?;
        self.text(packed.as_zval())
    }

    /// A value, or those of an array.
    fn flat(&mut self, value: &Zval, each: fn(&mut Self, &Zval) -> PhpResult) -> PhpResult {
        let Some(array) = value.as_array() else { return each(self, value) };
        entries(array).iter().try_for_each(|(_, value)| each(self, value.as_zval()))
    }

    fn pairs(&mut self, value: &Zval, each: fn(&mut Self, &Zval) -> PhpResult) -> PhpResult {
        let Some(array) = value.as_array() else { return self.text(value) };
        entries(array).iter().try_for_each(|(name, value)| {
            self.all.push(ZStr::new(name));
            each(self, value.as_zval())
        })
    }

    /// `NAME value`, where the option is there.
    fn option(&mut self, options: Array<'_>, name: &str, word: &str) -> PhpResult {
        match options.setting(name) {
            Some(value) => {
                self.word(word);
                self.text(value)
            }
            None => Ok(()),
        }
    }

    fn flag(&mut self, options: Array<'_>, name: &str, word: &str) {
        if options.setting(name).is_some_and(ZvalExt::to_bool) {
            self.word(word);
        }
    }

    /// `MAXLEN` or `MINID` of a stream: a threshold, or a pair of an operator and a threshold.
    fn trim(&mut self, options: Array<'_>) -> PhpResult {
        for (name, word) in [("maxlen", "MAXLEN"), ("minid", "MINID")] {
            if let Some(value) = options.setting(name) {
                self.word(word);
                self.flat(value, Self::text)?;
            }
        }
        self.option(options, "limit", "LIMIT")
    }

    fn streams(&mut self, streams: &Zval) -> PhpResult {
        self.word("STREAMS");
        let Some(array) = streams.as_array() else { return self.text(streams) };
        let entries = entries(array);
        self.all.extend(entries.iter().map(|(name, _)| ZStr::new(name)));
        entries.iter().try_for_each(|(_, id)| self.text(id.as_zval()))
    }
}

/// An array's keys and values, kept by themselves: converting a value may run the program's code.
fn entries(array: Array<'_>) -> Vec<(Vec<u8>, Value)> {
    let mut all = Vec::with_capacity(array.len());
    array.each(|key, value| {
        let name = match key {
            Key::Name(name) => name.to_vec(),
            Key::Index(index) => index.to_string().into_bytes(),
        };
        all.push((name, Value::copy_of(value)));
        true
    });
    all
}

/// Methods named otherwise than their command.
fn command_of(method: &str) -> &'static [&'static str] {
    match method {
        "delete" => &["DEL"],
        "getKeys" => &["KEYS"],
        "setTimeout" => &["EXPIRE"],
        "renameKey" => &["RENAME"],
        "lSize" => &["LLEN"],
        "lGet" => &["LINDEX"],
        "lGetRange" => &["LRANGE"],
        "listTrim" => &["LTRIM"],
        "lRemove" => &["LREM"],
        "sRemove" => &["SREM"],
        "sContains" => &["SISMEMBER"],
        "sSize" => &["SCARD"],
        "sGetMembers" => &["SMEMBERS"],
        "zSize" => &["ZCARD"],
        "zRemove" | "zDelete" => &["ZREM"],
        "zDeleteRangeByScore" => &["ZREMRANGEBYSCORE"],
        "zDeleteRangeByRank" => &["ZREMRANGEBYRANK"],
        "zInter" | "zInterStore" => &["ZINTERSTORE"],
        "zUnion" | "zUnionStore" => &["ZUNIONSTORE"],
        "xGroupCreate" => &["XGROUP", "CREATE"],
        "xGroupSetId" => &["XGROUP", "SETID"],
        "xGroupDestroy" => &["XGROUP", "DESTROY"],
        "xGroupCreateConsumer" => &["XGROUP", "CREATECONSUMER"],
        "xGroupDelConsumer" => &["XGROUP", "DELCONSUMER"],
        "xInfoConsumers" => &["XINFO", "CONSUMERS"],
        "xInfoGroups" => &["XINFO", "GROUPS"],
        "xInfoStream" => &["XINFO", "STREAM"],
        "debug" => &["DEBUG", "OBJECT"],
        _ => &[],
    }
}

/// From which argument on a command's are what the program stores, so that they can be serialized.
fn first_value(command: &str) -> usize {
    match command {
        "SETNX" | "GETSET" | "LPUSHX" | "RPUSHX" | "LPUSH" | "RPUSH" | "SADD" | "SREM" | "SISMEMBER" | "ZSCORE" | "ZRANK"
        | "ZREVRANK" | "ZREM" => 1,
        "SETEX" | "PSETEX" | "LSET" | "HSET" | "HSETNX" | "SMOVE" | "LINSERT" | "ZINCRBY" => 2,
        _ => usize::MAX,
    }
}

/// The command that a method's call stands for.
pub(super) fn request(call: &Call, serialize: bool) -> PhpResult<Request> {
    let method = call.name();
    let mut parser = call.declared_args()?;
    let mut given: Vec<&Zval> = Vec::new();
    while let Some(value) = parser.opt_value() {
        given.push(value);
    }
    let mut words = Words { all: Vec::with_capacity(given.len() + 2), serialize };
    let named = command_of(method);
    let upper = method.to_ascii_uppercase();
    if named.is_empty() {
        words.word(&upper);
    } else {
        named.iter().for_each(|word| words.word(word));
    }
    let command = named.first().copied().unwrap_or(&upper);
    let shape = arguments(&mut words, command, named.get(1).copied(), &given)?;
    Ok(Request { words: words.all, shape })
}

/// A command whose words the program gives.
pub(super) fn by_words(all: Array<'_>) -> PhpResult<Request> {
    let mut words = Words { all: Vec::with_capacity(all.len()), serialize: false };
    for (_, value) in entries(all) {
        words.text(value.as_zval())?;
    }
    Ok(Request { words: words.all, shape: Shape::Plain })
}

fn is_given(value: Option<&&Zval>) -> bool {
    value.is_some_and(|value| !value.is_null())
}

/// INVARIANT of the indices here and in [`stream`]: `declared_args` has counted the required ones, as the stub has them.
fn arguments(words: &mut Words, command: &str, second: Option<&str>, given: &[&Zval]) -> PhpResult<Shape> {
    let option = |n: usize| given.get(n).and_then(|value| value.as_array());
    let mut shape = Shape::Plain;
    match command {
        "SET" => {
            words.text(given[0])?;
            words.value(given[1])?;
            set_options(words, &given[2..])?;
        }
        "MSET" | "MSETNX" => words.pairs(given[0], Words::value)?,
        "HMSET" => {
            words.text(given[0])?;
            words.pairs(given[1], Words::value)?;
        }
        "HMGET" => {
            words.text(given[0])?;
            words.flat(given[1], Words::text)?;
            shape = Shape::Fields(words.all[2..].iter().map(|name| name.to_vec()).collect());
        }
        "HGETALL" => {
            words.text(given[0])?;
            shape = Shape::Pairs;
        }
        "TYPE" => {
            words.text(given[0])?;
            shape = Shape::Type;
        }
        "LREM" => {
            words.text(given[0])?;
            match given.get(2) {
                Some(count) => words.text(count)?,
                None => words.word("0"),
            }
            words.value(given[1])?;
        }
        "ZADD" => {
            words.text(given[0])?;
            for (n, value) in given[1..].iter().enumerate() {
                if n % 2 == 1 { words.value(value)? } else { words.text(value)? }
            }
        }
        "ZRANGE" | "ZREVRANGE" => {
            given[..3].iter().try_for_each(|value| words.text(value))?;
            if given.get(3).is_some_and(|with| with.to_bool()) {
                words.word("WITHSCORES");
                shape = Shape::Scores;
            }
        }
        "ZRANGEBYSCORE" | "ZREVRANGEBYSCORE" => {
            given[..3].iter().try_for_each(|value| words.text(value))?;
            if let Some(options) = option(3) {
                if options.setting("withscores").is_some_and(ZvalExt::to_bool) {
                    words.word("WITHSCORES");
                    shape = Shape::Scores;
                }
                if let Some(limit) = options.setting("limit") {
                    words.word("LIMIT");
                    words.flat(limit, Words::text)?;
                }
            }
        }
        "ZRANGEBYLEX" | "ZREVRANGEBYLEX" => {
            given[..3].iter().try_for_each(|value| words.text(value))?;
            if is_given(given.get(3)) && is_given(given.get(4)) {
                words.word("LIMIT");
                given[3..5].iter().try_for_each(|value| words.text(value))?;
            }
        }
        "ZINTERSTORE" | "ZUNIONSTORE" => {
            words.text(given[0])?;
            words.number(given[1].as_array().map_or(1, Array::len));
            words.flat(given[1], Words::text)?;
            for (value, word) in given[2..].iter().zip(["WEIGHTS", "AGGREGATE"]) {
                if !value.is_null() {
                    words.word(word);
                    words.flat(value, Words::text)?;
                }
            }
        }
        "EVAL" | "EVALSHA" => {
            words.text(given[0])?;
            words.number(given.get(2).map_or(0, |count| usize::try_from(count.to_long()).unwrap_or(0)));
            given.get(1).map_or(Ok(()), |args| words.flat(args, Words::text))?;
        }
        "AUTH" => {
            words.text(given[0])?;
            shape = words.all.last().cloned().map_or(Shape::Plain, Shape::Auth);
        }
        "SELECT" => {
            words.text(given[0])?;
            shape = Shape::Select(given[0].to_long());
        }
        command if command.starts_with('X') => stream(words, command, second, given)?,
        _ => {
            let first = first_value(command);
            for (n, value) in given.iter().enumerate() {
                if value.is_null() && n > 0 {
                    continue;
                }
                words.flat(value, if n >= first { Words::value } else { Words::text })?;
            }
        }
    }
    Ok(shape)
}

/// SET's: a time-out in seconds, or an array such as `['nx', 'ex' => 10]`.
fn set_options(words: &mut Words, given: &[&Zval]) -> PhpResult {
    for value in given.iter().filter(|value| !value.is_null()) {
        if let Some(options) = value.as_array() {
            for (name, value) in entries(options) {
                if !name.first().is_some_and(u8::is_ascii_digit) {
                    words.all.push(ZStr::new(&name.to_ascii_uppercase()));
                }
                words.text(value.as_zval())?;
            }
        } else if value.is_string() && value.bytes().is_some_and(|text| text.first().is_some_and(u8::is_ascii_alphabetic)) {
            words.text(value)?;
        } else if value.to_long() > 0 {
            words.word("EX");
            words.text(value)?;
        }
    }
    Ok(())
}

fn stream(words: &mut Words, command: &str, second: Option<&str>, given: &[&Zval]) -> PhpResult {
    let last = given.last().and_then(|value| value.as_array());
    match (command, second) {
        ("XADD", _) => {
            words.text(given[0])?;
            if let Some(options) = given.get(3).and_then(|value| value.as_array()) {
                words.flag(options, "nomkstream", "NOMKSTREAM");
                words.trim(options)?;
            }
            words.text(given[1])?;
            words.pairs(given[2], Words::value)
        }
        ("XREAD", _) => {
            if let Some(options) = given.get(1).and_then(|value| value.as_array()) {
                words.option(options, "count", "COUNT")?;
                words.option(options, "block", "BLOCK")?;
            }
            words.streams(given[0])
        }
        ("XREADGROUP", _) => {
            words.word("GROUP");
            given[..2].iter().try_for_each(|value| words.text(value))?;
            if let Some(options) = given.get(3).and_then(|value| value.as_array()) {
                words.option(options, "count", "COUNT")?;
                words.option(options, "block", "BLOCK")?;
                words.flag(options, "noack", "NOACK");
            }
            words.streams(given[2])
        }
        ("XRANGE" | "XREVRANGE", _) => {
            given[..3].iter().try_for_each(|value| words.text(value))?;
            if let Some(count) = given.get(3).filter(|count| !count.is_null()) {
                words.word("COUNT");
                words.text(count)?;
            }
            Ok(())
        }
        ("XTRIM", _) => {
            words.text(given[0])?;
            last.map_or(Ok(()), |options| words.trim(options))
        }
        ("XGROUP", Some("CREATE")) => {
            given[..3].iter().try_for_each(|value| words.text(value))?;
            if given.get(3).is_some_and(|make| make.to_bool()) {
                words.word("MKSTREAM");
            }
            Ok(())
        }
        ("XPENDING", _) => {
            given[..2].iter().try_for_each(|value| words.text(value))?;
            let Some(options) = last else { return Ok(()) };
            words.option(options, "idle", "IDLE")?;
            ["start", "end", "count", "consumer"]
                .iter()
                .try_for_each(|name| options.setting(name).map_or(Ok(()), |value| words.text(value)))
        }
        ("XCLAIM" | "XAUTOCLAIM", _) => {
            given[..5].iter().try_for_each(|value| words.flat(value, Words::text))?;
            let Some(options) = given.get(5).and_then(|value| value.as_array()) else { return Ok(()) };
            for (name, word) in [("idle", "IDLE"), ("time", "TIME"), ("retrycount", "RETRYCOUNT"), ("count", "COUNT")] {
                words.option(options, name, word)?;
            }
            words.flag(options, "force", "FORCE");
            words.flag(options, "justid", "JUSTID");
            Ok(())
        }
        _ => given.iter().try_for_each(|value| words.flat(value, Words::text)),
    }
}
