//! Asking one name server (RFC 1035): by UDP, and by TCP where the answer does not fit. The wire format is
//! simple-dns's.

use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use simple_dns::{CLASS, Name, Packet, PacketFlag, Question, RCODE, TYPE, rdata::RData};

use crate::address::Address;
use crate::resolve::ResolveError;
use crate::socket::{Deadline, Errno, Fault, Socket};

/// Where no time-out is set; resolv.conf(5) has 5 s and two attempts.
const PATIENCE: Duration = Duration::from_secs(10);
/// A datagram may be lost: ask again after so long.
const ATTEMPT: Duration = Duration::from_millis(2500);
/// A datagram's largest answer without EDNS (RFC 1035, 4.2.1); some servers send more.
const DATAGRAM: usize = 4096;

/// A name's addresses, and how long they hold.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub addresses: Vec<IpAddr>,
    pub ttl: Duration,
}

/// What a packet is to the one who asked.
#[derive(Debug, PartialEq, Eq)]
enum Reply {
    Answer(Answer),
    /// There is no such name, or the server cannot tell.
    Refused,
    Truncated,
    /// Not an answer to this question.
    Stray,
}

fn failed() -> ResolveError {
    ResolveError::Failed(libc::EAI_NONAME)
}

fn question(id: u16, name: &str, family: i32) -> Option<Vec<u8>> {
    let kind = if family == libc::AF_INET6 { TYPE::AAAA } else { TYPE::A };
    let mut packet = Packet::new_query(id);
    packet.set_flags(PacketFlag::RECURSION_DESIRED);
    let name = Name::new(name.trim_end_matches('.')).ok()?;
    packet.questions.push(Question::new(name, kind.into(), CLASS::IN.into(), false));
    packet.build_bytes_vec().ok()
}

fn read(bytes: &[u8], id: u16, name: &str, family: i32) -> Reply {
    let Ok(packet) = Packet::parse(bytes) else { return Reply::Stray };
    let asked = packet
        .questions
        .first()
        .is_some_and(|question| question.qname.to_string().eq_ignore_ascii_case(name.trim_end_matches('.')));
    if packet.id() != id || !asked || !packet.has_flags(PacketFlag::RESPONSE) {
        return Reply::Stray;
    }
    if packet.has_flags(PacketFlag::TRUNCATION) {
        return Reply::Truncated;
    }
    if packet.rcode() != RCODE::NoError {
        return Reply::Refused;
    }
    let mut answer = Answer { addresses: Vec::new(), ttl: Duration::MAX };
    // Aliases stand before what they lead to; whoever asks for recursion gets the whole chain.
    for record in &packet.answers {
        let address = match &record.rdata {
            RData::A(a) if family != libc::AF_INET6 => IpAddr::V4(a.address.into()),
            RData::AAAA(a) if family == libc::AF_INET6 => IpAddr::V6(a.address.into()),
            _ => continue,
        };
        answer.ttl = answer.ttl.min(Duration::from_secs(record.ttl.into()));
        answer.addresses.push(address);
    }
    if answer.addresses.is_empty() { Reply::Refused } else { Reply::Answer(answer) }
}

/// A number that cannot be guessed from outside.
fn random_id() -> u16 {
    use std::hash::{BuildHasher, Hasher};
    std::hash::RandomState::new().build_hasher().finish() as u16
}

fn error_of(fault: Fault) -> ResolveError {
    match fault {
        Fault::Errno(Errno(libc::ETIMEDOUT)) => ResolveError::Timeout,
        Fault::Errno(Errno(libc::ECANCELED)) => ResolveError::Canceled,
        _ => failed(),
    }
}

fn connected(server: SocketAddr, kind: i32, until: Deadline) -> Result<Socket, Fault> {
    let domain = if server.is_ipv6() { libc::AF_INET6 } else { libc::AF_INET };
    let socket = Socket::new(domain, kind, 0)?;
    // The kernel then lets nobody else's datagrams through.
    socket.connect(&Address::inet(server.ip(), server.port()), until)?;
    Ok(socket)
}

/// Asks `server` for the addresses of `name` in `family` (`AF_UNSPEC` is IPv4). Suspends in a coroutine.
///
/// # Errors
/// See [`ResolveError`].
pub(crate) fn ask(server: SocketAddr, name: &str, family: i32, timeout: Option<Duration>) -> Result<Answer, ResolveError> {
    let id = random_id();
    let packet = question(id, name, family).ok_or_else(failed)?;
    let end = Instant::now() + timeout.unwrap_or(PATIENCE);
    let mut buffer = vec![0u8; DATAGRAM];
    while Instant::now() < end {
        let attempt = end.min(Instant::now() + ATTEMPT);
        let reply = by_datagram(server, &packet, &mut buffer, Some(attempt), |bytes| read(bytes, id, name, family));
        match reply {
            Ok(Reply::Answer(answer)) => return Ok(answer),
            Ok(Reply::Truncated) => {
                let bytes = by_stream(server, &packet, Some(end)).map_err(error_of)?;
                return match read(&bytes, id, name, family) {
                    Reply::Answer(answer) => Ok(answer),
                    _ => Err(failed()),
                };
            }
            Ok(Reply::Refused | Reply::Stray) => return Err(failed()),
            Err(Fault::Errno(Errno(libc::ETIMEDOUT))) => {}
            Err(fault) => return Err(error_of(fault)),
        }
    }
    Err(ResolveError::Timeout)
}

/// Sends once and reads until something is an answer.
fn by_datagram(
    server: SocketAddr,
    packet: &[u8],
    buffer: &mut [u8],
    until: Deadline,
    read: impl Fn(&[u8]) -> Reply,
) -> Result<Reply, Fault> {
    let socket = connected(server, libc::SOCK_DGRAM, until)?;
    socket.send(packet, until)?;
    loop {
        let n = socket.recv(buffer, until)?;
        match read(&buffer[..n]) {
            Reply::Stray => {}
            reply => return Ok(reply),
        }
    }
}

/// Two bytes of length stand before each message (RFC 1035, 4.2.2).
fn by_stream(server: SocketAddr, packet: &[u8], until: Deadline) -> Result<Vec<u8>, Fault> {
    let socket = connected(server, libc::SOCK_STREAM, until)?;
    let mut message = (packet.len() as u16).to_be_bytes().to_vec();
    message.extend_from_slice(packet);
    socket.send_all(&message, until).map_err(|(_, fault)| fault)?;
    let mut head = [0u8; 2];
    exactly(&socket, &mut head, until)?;
    let mut body = vec![0u8; u16::from_be_bytes(head).into()];
    exactly(&socket, &mut body, until)?;
    Ok(body)
}

fn exactly(socket: &Socket, to: &mut [u8], until: Deadline) -> Result<(), Fault> {
    let n = socket.recv_all(to, until).map_err(|(_, fault)| fault)?;
    if n == to.len() { Ok(()) } else { Err(Fault::Errno(Errno(libc::ECONNRESET))) }
}

#[cfg(test)]
mod tests {
    use std::net::UdpSocket;

    use simple_dns::ResourceRecord;
    use simple_dns::rdata::{A, CNAME};

    use super::*;

    /// A reply to `query` with an alias and an address.
    fn reply(query: &[u8], truncated: bool) -> Vec<u8> {
        let query = Packet::parse(query).unwrap();
        let mut reply = Packet::new_reply(query.id());
        reply.questions = query.questions.clone();
        if truncated {
            reply.set_flags(PacketFlag::TRUNCATION);
        } else {
            let (own, real) = (Name::new("www.example.test").unwrap(), Name::new("real.example.test").unwrap());
            reply.answers.push(ResourceRecord::new(own, CLASS::IN, 60, RData::CNAME(CNAME(real.clone()))));
            reply.answers.push(ResourceRecord::new(real, CLASS::IN, 7, RData::A(A { address: 0x0a00_0001 })));
        }
        reply.build_bytes_vec().unwrap()
    }

    const NAME: &str = "WWW.example.test.";

    #[test]
    fn an_alias_leads_to_its_addresses() {
        let query = question(99, NAME, libc::AF_INET).unwrap();
        let answer = Answer { addresses: vec![IpAddr::from([10, 0, 0, 1])], ttl: Duration::from_secs(7) };
        assert_eq!(read(&reply(&query, false), 99, NAME, libc::AF_INET), Reply::Answer(answer));
        assert_eq!(read(&reply(&query, false), 99, NAME, libc::AF_INET6), Reply::Refused);
        assert_eq!(read(&reply(&query, true), 99, NAME, libc::AF_INET), Reply::Truncated);
    }

    #[test]
    fn what_was_not_asked_for_is_no_answer() {
        let query = question(99, NAME, libc::AF_INET).unwrap();
        let good = reply(&query, false);
        assert_eq!(read(&good, 98, NAME, libc::AF_INET), Reply::Stray);
        assert_eq!(read(&good, 99, "other.test", libc::AF_INET), Reply::Stray);
        assert_eq!(read(&query, 99, NAME, libc::AF_INET), Reply::Stray);
        assert_eq!(read(&good[..good.len() - 3], 99, NAME, libc::AF_INET), Reply::Stray);
        assert_eq!(read(&[], 99, NAME, libc::AF_INET), Reply::Stray);
    }

    #[test]
    fn a_name_that_cannot_be_one_is_refused() {
        assert_eq!(question(1, &"x".repeat(64), libc::AF_INET), None);
        assert_eq!(question(1, &"a.".repeat(200), libc::AF_INET), None);
    }

    #[test]
    fn a_server_answers_after_a_stray_datagram() {
        let server = UdpSocket::bind("127.0.0.1:0").unwrap();
        let address = server.local_addr().unwrap();
        let thread = std::thread::spawn(move || {
            let mut buffer = [0; 512];
            let (n, peer) = server.recv_from(&mut buffer).unwrap();
            server.send_to(b"nonsense", peer).unwrap();
            server.send_to(&reply(&buffer[..n], false), peer).unwrap();
        });
        let answer = ask(address, NAME, libc::AF_INET, Some(Duration::from_secs(5))).unwrap();
        assert_eq!(answer.addresses, [IpAddr::from([10, 0, 0, 1])]);
        thread.join().unwrap();
    }

    #[test]
    fn silence_is_a_timeout() {
        let server = UdpSocket::bind("127.0.0.1:0").unwrap();
        let end = ask(server.local_addr().unwrap(), NAME, libc::AF_INET, Some(Duration::from_millis(50)));
        assert_eq!(end, Err(ResolveError::Timeout));
    }
}
