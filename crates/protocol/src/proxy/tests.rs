use super::*;

/// Feeds a SOCKS5 handshake byte by byte; returns what was sent and what was left over.
fn socks(mut proxy: Socks5, input: &[u8], step: usize) -> (Vec<u8>, Result<Vec<u8>, Error>) {
    let (mut sent, mut buf) = (Vec::new(), Vec::new());
    proxy.start(&mut sent);
    let mut done = false;
    for piece in input.chunks(step) {
        buf.extend_from_slice(piece);
        if done {
            continue;
        }
        match proxy.advance(&buf, &mut sent) {
            Ok(Progress::Pending { consumed, hint }) => {
                assert!(hint > 0);
                buf.drain(..consumed);
            }
            Ok(Progress::Done { consumed }) => {
                buf.drain(..consumed);
                done = true;
            }
            Err(error) => return (sent, Err(error)),
        }
    }
    (sent, if done { Ok(buf) } else { Err(Error::Malformed) })
}

#[test]
fn socks5_with_and_without_a_login() {
    for step in [1, 3, 100] {
        let plain = Socks5::new("example.com", 443, None).expect("fits");
        let (sent, rest) = socks(plain, b"\x05\0\x05\0\0\x01\x7f\0\0\x01\x1f\x90hello", step);
        assert_eq!(sent, b"\x05\x01\0\x05\x01\0\x03\x0bexample.com\x01\xbb");
        assert_eq!(rest, Ok(b"hello".to_vec()));
        let login = Socks5::new("::1", 80, Some((b"user", b"pw"))).expect("fits");
        let (sent, rest) = socks(login, b"\x05\x02\x01\0\x05\0\0\x03\x04name\0\x50", step);
        let mut expected = b"\x05\x01\x02\x01\x04user\x02pw\x05\x01\0\x04".to_vec();
        expected.extend_from_slice(&[0; 15]);
        expected.extend_from_slice(b"\x01\0\x50");
        assert_eq!(sent, expected);
        assert_eq!(rest, Ok(vec![]));
    }
    let v4 = Socks5::new("10.0.0.1", 1, None).expect("fits");
    let (sent, _) = socks(v4, b"\x05\0", 2);
    assert_eq!(sent, b"\x05\x01\0\x05\x01\0\x01\x0a\0\0\x01\0\x01");
}

#[test]
fn socks5_refusals() {
    for (answer, error) in [
        (&b"\x04\0"[..], Error::Version),
        (b"\x05\xff", Error::Method),
        (b"\x05\x02\x05\0", Error::Version),
        (b"\x05\x02\x01\x01", Error::Auth),
        (b"\x05\x02\x01\0\x05\x05\0\x01", Error::Refused(5)),
        (b"\x05\x02\x01\0\x05\0\0\x09", Error::Malformed),
    ] {
        let proxy = Socks5::new("h", 1, Some((b"u", b"p"))).expect("fits");
        assert_eq!(socks(proxy, answer, 1).1, Err(error));
    }
    assert!(matches!(Socks5::new(&"h".repeat(256), 1, None), Err(Error::TooLong)));
    assert!(matches!(Socks5::new("h", 1, Some((&[b'u'; 256], b""))), Err(Error::TooLong)));
}

#[test]
fn http_connect() {
    let mut sent = Vec::new();
    let mut proxy = HttpConnect::new("::1", 443, Some((b"Aladdin", b"open sesame"))).expect("host");
    proxy.start(&mut sent);
    let sent = String::from_utf8(sent).expect("ascii");
    assert!(sent.starts_with("CONNECT [::1]:443 HTTP/1.1\r\nHost: [::1]:443\r\n"));
    assert!(sent.contains("\r\nProxy-Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n"));
    assert!(sent.ends_with("\r\n\r\n"));

    let answer = b"HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\n";
    for cut in 0..answer.len() {
        assert_eq!(proxy.advance(&answer[..cut]), Ok(Progress::Pending { consumed: 0, hint: 1 }));
    }
    let more = [&answer[..], b"bytes"].concat();
    assert_eq!(proxy.advance(&more), Ok(Progress::Done { consumed: answer.len() }));
    assert_eq!(proxy.advance(b"HTTP/1.1 407 Auth\r\n\r\n"), Err(Error::Status(407)));
    assert_eq!(proxy.advance(b"SSH-2.0"), Err(Error::Malformed));
    assert_eq!(proxy.advance(b"HTTP/1.1 abc\r\n\r\n"), Err(Error::Malformed));
    assert_eq!(proxy.advance(&[b"HTTP/1.1 200 ".as_slice(), &[b'x'; 9000]].concat()), Err(Error::Malformed));
    assert!(HttpConnect::new("a\r\nb", 1, None).is_err());
}
