use super::super::handshake::*;

const KEY: &[u8] = b"dGhlIHNhbXBsZSBub25jZQ==";
const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

type Fields = Vec<(&'static str, &'static [u8])>;

fn lookup(fields: &Fields) -> impl Fn(&str) -> Option<&'static [u8]> {
    move |name| fields.iter().find(|(n, _)| *n == name).map(|(_, v)| *v)
}

fn request() -> Fields {
    vec![
        ("upgrade", b"WebSocket"),
        ("connection", b"keep-alive, Upgrade"),
        ("sec-websocket-version", b"13"),
        ("sec-websocket-key", KEY),
    ]
}

fn with(mut fields: Fields, name: &'static str, value: &'static [u8]) -> Fields {
    fields.retain(|(n, _)| *n != name);
    fields.push((name, value));
    fields
}

#[test]
fn the_key_of_the_rfc() {
    assert_eq!(accept_key(KEY), ACCEPT);
    assert_eq!(encode_key(*b"the sample nonce").as_bytes(), KEY);
}

#[test]
fn requests() {
    assert_eq!(accept_request(b"GET", true, lookup(&request())).as_deref(), Ok(ACCEPT));
    assert_eq!(accept_request(b"POST", true, lookup(&request())), Err(RequestError::BadMethod));
    assert_eq!(accept_request(b"GET", false, lookup(&request())), Err(RequestError::BadMethod));
    for (name, value, error) in [
        ("upgrade", &b"h2c"[..], RequestError::NoUpgrade),
        ("connection", b"close", RequestError::NoUpgrade),
        ("sec-websocket-version", b"8", RequestError::BadVersion),
        ("sec-websocket-key", b"short", RequestError::BadKey),
        ("sec-websocket-key", b"", RequestError::BadKey),
        ("sec-websocket-key", b"dGhlIHNhbXBsZSBub25jZTEyMw==", RequestError::BadKey),
    ] {
        let fields = with(request(), name, value);
        assert_eq!(accept_request(b"GET", true, lookup(&fields)), Err(error), "{name}");
    }
    assert_eq!(RequestError::BadVersion.status(), 426);
    assert_eq!(RequestError::BadKey.status(), 400);
}

#[test]
fn subprotocols() {
    assert_eq!(choose_subprotocol(b"soap, chat ,v2", &["v2", "chat"]), Some("chat"));
    assert_eq!(choose_subprotocol(b"Chat", &["chat"]), None);
    assert_eq!(choose_subprotocol(b"", &["chat"]), None);
}

#[test]
fn messages_as_bytes() {
    let mut out = Vec::new();
    write_response(&mut out, ACCEPT, Some("chat"), Some("permessage-deflate"), &[(b"Server", b"x")]);
    assert_eq!(
        String::from_utf8_lossy(&out),
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Protocol: chat\r\nSec-WebSocket-Extensions: permessage-deflate\r\nServer: x\r\n\r\n"
    );
}

#[test]
fn responses() {
    let good: Fields = vec![("upgrade", b"websocket"), ("connection", b"Upgrade"), ("sec-websocket-accept", ACCEPT.as_bytes())];
    let key = std::str::from_utf8(KEY).expect("ascii");
    assert_eq!(check_response(101, key, b"", lookup(&good)), Ok(()));
    assert_eq!(check_response(200, key, b"", lookup(&good)), Err(ResponseError::Status(200)));
    for (name, value, error) in [
        ("upgrade", &b"tls"[..], ResponseError::NoUpgrade),
        ("connection", b"", ResponseError::NoUpgrade),
        ("sec-websocket-accept", b"s3pPLMBiTxaQ9kYGzzhZRbK+xOO=", ResponseError::BadAccept),
        ("sec-websocket-protocol", b"soap", ResponseError::BadSubprotocol),
    ] {
        let fields = with(good.clone(), name, value);
        assert_eq!(check_response(101, key, b"chat, v2", lookup(&fields)), Err(error), "{name}");
    }
    let chosen = with(good, "sec-websocket-protocol", b"v2");
    assert_eq!(check_response(101, key, b"chat, v2", lookup(&chosen)), Ok(()));
}
