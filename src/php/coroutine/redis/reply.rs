//! From a reply to a PHP value.

use protocol::resp::client::Reply;

use super::commands::Shape;
use crate::zend::{PhpResult, Value, ZvalExt, invoke};

/// How the program wants its values.
#[derive(Clone, Copy)]
pub(super) struct Form {
    pub serialize: bool,
    /// Arrays as phpredis gives them: names and scores as keys and values.
    pub compatible: bool,
}

impl Form {
    pub fn value(self, reply: Reply, shape: &Shape) -> PhpResult<Value> {
        match (reply, shape) {
            (Reply::Array(all), Shape::Pairs) if self.compatible => self.pairs(all, false),
            (Reply::Array(all), Shape::Scores) if self.compatible => self.pairs(all, true),
            (Reply::Array(all), Shape::Fields(names)) if self.compatible && names.len() == all.len() => {
                let mut map = Value::array(all.len() as u32);
                for (name, reply) in names.iter().zip(all) {
                    let value = self.plain(reply)?;
                    map.array_mut().set_symbol(name, value);
                }
                Ok(map)
            }
            (Reply::Status(text), Shape::Type) => Ok(Value::long(match &text[..] {
                b"string" => 1,
                b"set" => 2,
                b"list" => 3,
                b"zset" => 4,
                b"hash" => 5,
                _ => 0,
            })),
            (reply, _) => self.plain(reply),
        }
    }

    fn plain(self, reply: Reply) -> PhpResult<Value> {
        Ok(match reply {
            Reply::Status(text) if text == b"OK" => Value::bool(true),
            Reply::Status(text) => Value::string(&text),
            // One that stands inside an array: of a transaction, a script.
            Reply::Error(_) => Value::bool(false),
            Reply::Int(number) => Value::long(number),
            Reply::Nil => Value::null(),
            Reply::Bulk(bytes) if self.serialize && looks_serialized(&bytes) => {
                let value = invoke::function(c"unserialize", &mut [Value::string(&bytes).into_zval()])?;
                if value.as_zval().is_false() && bytes != b"b:0;" { Value::string(&bytes) } else { value }
            }
            Reply::Bulk(bytes) => Value::string(&bytes),
            Reply::Array(all) => {
                let mut list = Value::array(all.len() as u32);
                for reply in all {
                    let value = self.plain(reply)?;
                    list.array_mut().push(value);
                }
                list
            }
        })
    }

    fn pairs(self, all: Vec<Reply>, scores: bool) -> PhpResult<Value> {
        let mut map = Value::array((all.len() / 2) as u32);
        let mut all = all.into_iter();
        while let (Some(name), Some(reply)) = (all.next(), all.next()) {
            let Reply::Bulk(name) = name else { continue };
            let mut value = if scores { Form { serialize: false, ..self }.plain(reply)? } else { self.plain(reply)? };
            if scores {
                value = Value::double(value.as_zval().to_double());
            }
            map.array_mut().set_symbol(&name, value);
        }
        Ok(map)
    }
}

/// serialize()'s output begins so; unserialize() warns of anything else.
fn looks_serialized(bytes: &[u8]) -> bool {
    match bytes {
        b"N;" => true,
        [kind, b':', .., last] => b"abdisOCE".contains(kind) && matches!(last, b';' | b'}'),
        _ => false,
    }
}
