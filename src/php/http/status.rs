//! `Swoole\Http\Status`: status codes and their reason phrases.

use crate::php::general::give;
use crate::zend::inspect::static_prop;
use crate::zend::{Call, PhpResult, Value, Zval, ZvalExt};

pub fn get_reason_phrases(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    if let Some(phrases) = static_prop(call.called_class(), "reasonPhrases") {
        Value::copy_of(phrases).give(ret);
    }
    Ok(())
}

pub fn get_reason_phrase(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let status = call.args(1, 1)?.long()?;
    // A child class may have phrases of its own.
    let phrases = static_prop(call.called_class(), "reasonPhrases").and_then(|phrases| phrases.as_array());
    match phrases.and_then(|phrases| phrases.get_index(status)).filter(|phrase| phrase.is_string()) {
        Some(phrase) => Value::copy_of(phrase).give(ret),
        None => give(ret, b"Unknown")?,
    }
    Ok(())
}
