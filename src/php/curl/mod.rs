//! Swoole\Curl and the swoole_curl_* functions. Our hooks make ext/curl itself wait in the coroutine, so all of
//! this is ext/curl under other names.

pub mod functions;
pub mod handler;
pub mod native;
