//! Swoole\Http2\Request: properties only.

use crate::zend::{ClassEntry, ClassState, Handlers, class_state};

#[derive(Default)]
pub struct State;

static HANDLERS: Handlers = Handlers::new();

impl ClassState for State {
    fn handlers() -> &'static Handlers {
        &HANDLERS
    }
}

pub fn class_init(class: &mut ClassEntry) {
    class_state::<State>(class);
}
