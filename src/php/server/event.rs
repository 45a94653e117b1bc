//! The objects that callbacks get under `event_object`.

use crate::server::Datagram;
use crate::zend::registration::ce;
use crate::zend::{ObjectExt, Value, ZvalExt, new_object};

/// `Swoole\Server\Event`: Connect, Receive and Close.
pub fn event(fd: i64, reactor: i64, time: f64, data: Option<Value>) -> Value {
    let object = new_object(ce::server_event());
    if let Some(this) = object.as_zval().obj() {
        this.slot(0).set_long(reactor);
        this.slot(1).set_long(fd);
        this.slot(2).set_double(time);
        if let Some(data) = data {
            this.slot(3).assign(data);
        }
    }
    object
}

/// `Swoole\Server\Packet`.
pub fn packet(from: &Datagram, server_port: i64, data: Value) -> Value {
    let object = new_object(ce::server_packet());
    if let Some(this) = object.as_zval().obj() {
        this.slot(0).set_long(i64::from(from.server_socket));
        this.slot(1).set_long(server_port);
        this.slot(2).set_double(from.dispatch_time);
        this.slot(3).assign(Value::string(from.from.host().as_bytes()));
        this.slot(4).set_long(i64::from(from.from.port()));
        this.set_prop("data", data);
    }
    object
}
