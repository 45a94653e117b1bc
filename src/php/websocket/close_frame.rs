//! Swoole\WebSocket\CloseFrame: a Frame with a code and a reason, all properties.
