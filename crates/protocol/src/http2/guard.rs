//! Looks at the frame headers of what comes in. `h2` answers resets, pings and settings as long as
//! anyone sends them; here they have a price, and who sends little else runs out of credit. Frames of a wrong size are
//! found here too: `h2` calls them errors of the protocol, and takes requests before any settings.

use super::{PREFACE, Reason};
use bytes::Bytes;
use std::time::Duration;

/// Frame types (RFC 9113, section 6).
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const PRIORITY: u8 = 2;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const WINDOW_UPDATE: u8 = 8;
/// Flag of settings.
const ACK: u8 = 1;

/// The most credit, and the credit to begin with: two hundred resets, a thousand pings.
const BURST: u32 = 1000;
/// Credit that comes back each second.
const PER_SECOND: u32 = 100;
/// What a reset costs, and what a stream that ended well gives back.
const STREAM: u32 = 5;
/// What each piece of a response gives back: gRPC clients ping once for every read, to measure.
const PIECE: u32 = 2;
/// Bytes sent that give one credit back: who downloads sends window updates.
const BYTES_PER_CREDIT: usize = 512;
/// The most of a GOAWAY's debug data that is kept, in bytes.
const MAX_DEBUG: usize = 1024;

/// A GOAWAY of the peer.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct GoAway {
    pub last_stream: u32,
    pub code: u32,
    pub debug: Bytes,
}

/// What is to become of the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Fine,
    /// The credit is used up.
    Flood,
    /// A frame of a size that its kind cannot have (RFC 9113, section 4.2).
    WrongSize,
    /// A client's first frame is no settings (section 3.4).
    NoSettings,
}

impl Verdict {
    /// The code to go away with.
    pub fn code(self) -> Option<Reason> {
        match self {
            Self::Fine => None,
            Self::Flood => Some(Reason::ENHANCE_YOUR_CALM),
            Self::WrongSize => Some(Reason::FRAME_SIZE_ERROR),
            Self::NoSettings => Some(Reason::PROTOCOL_ERROR),
        }
    }
}

#[derive(Debug)]
pub(super) struct Guard {
    /// Bytes to pass over: the preface, then payloads.
    skip: usize,
    header: [u8; 9],
    have: usize,
    /// A GOAWAY whose payload comes, and the bytes of it that are kept.
    go_away: Option<Vec<u8>>,
    /// None where frames have no price, nor are looked at.
    credit: Option<u32>,
    /// The client's settings have come.
    begun: bool,
    bytes_sent: usize,
    refilled: Duration,
}

impl Guard {
    /// Of what a server receives.
    pub fn server() -> Self {
        Self { skip: PREFACE.len(), credit: Some(BURST), ..Self::client() }
    }

    /// Of what a client receives: nothing has a price, a client chose its server.
    pub fn client() -> Self {
        Self {
            skip: 0,
            header: [0; 9],
            have: 0,
            go_away: None,
            credit: None,
            begun: false,
            bytes_sent: 0,
            refilled: Duration::ZERO,
        }
    }

    /// Follows the frames in `data`, and tells of the first that ends the connection; `now` is any clock that never goes back.
    pub fn push(&mut self, mut data: &[u8], now: Duration, mut on_go_away: impl FnMut(GoAway)) -> Verdict {
        self.refill(now);
        let mut verdict = Verdict::Fine;
        while !data.is_empty() {
            if self.skip > 0 {
                let (passed, rest) = data.split_at(self.skip.min(data.len()));
                if let Some(kept) = &mut self.go_away {
                    kept.extend_from_slice(&passed[..passed.len().min((8 + MAX_DEBUG).saturating_sub(kept.len()))]);
                }
                self.skip -= passed.len();
                data = rest;
                if self.skip == 0 {
                    self.end_of_payload(&mut on_go_away);
                }
                continue;
            }
            let (part, rest) = data.split_at((9 - self.have).min(data.len()));
            self.header[self.have..self.have + part.len()].copy_from_slice(part);
            self.have += part.len();
            data = rest;
            if self.have == 9 {
                self.have = 0;
                let [a, b, c, kind, flags, ..] = self.header;
                self.skip = u32::from_be_bytes([0, a, b, c]) as usize;
                self.go_away = (kind == GOAWAY).then(Vec::new);
                let price = match kind {
                    DATA if self.skip > 0 => 0,
                    HEADERS => 0,
                    RST_STREAM | SETTINGS => STREAM,
                    _ => 1,
                };
                if let Some(credit) = &mut self.credit {
                    let left = credit.checked_sub(price);
                    *credit = left.unwrap_or(*credit);
                    let begins = !std::mem::replace(&mut self.begun, true);
                    let found = match left {
                        None => Verdict::Flood,
                        _ if begins && (kind != SETTINGS || flags & ACK != 0) => Verdict::NoSettings,
                        _ if !has_right_size(kind, flags, self.skip) => Verdict::WrongSize,
                        _ => Verdict::Fine,
                    };
                    if verdict == Verdict::Fine {
                        verdict = found;
                    }
                }
            }
        }
        verdict
    }

    /// A stream ended as it should.
    pub fn stream_done(&mut self) {
        self.give(STREAM);
    }

    /// The owner sent a piece of a response: fields or data.
    pub fn piece_sent(&mut self) {
        self.give(PIECE);
    }

    /// Output was taken.
    pub fn sent(&mut self, bytes: usize) {
        self.bytes_sent += bytes;
        let credits = self.bytes_sent / BYTES_PER_CREDIT;
        self.bytes_sent %= BYTES_PER_CREDIT;
        self.give(u32::try_from(credits).unwrap_or(BURST));
    }

    fn refill(&mut self, now: Duration) {
        let Some(passed) = now.checked_sub(self.refilled) else {
            return;
        };
        let credits = passed.as_millis() * u128::from(PER_SECOND) / 1000;
        if credits > 0 {
            self.refilled = now;
            self.give(u32::try_from(credits).unwrap_or(BURST));
        }
    }

    fn give(&mut self, credits: u32) {
        if let Some(credit) = &mut self.credit {
            *credit = credit.saturating_add(credits).min(BURST);
        }
    }

    fn end_of_payload(&mut self, on_go_away: &mut impl FnMut(GoAway)) {
        if let Some(payload) = self.go_away.take()
            && let Some((head, debug)) = payload.split_first_chunk::<8>()
        {
            let [a, b, c, d, e, f, g, h] = *head;
            on_go_away(GoAway {
                last_stream: u32::from_be_bytes([a & 0x7f, b, c, d]),
                code: u32::from_be_bytes([e, f, g, h]),
                debug: Bytes::copy_from_slice(debug),
            });
        }
    }
}

/// Whether a frame of that kind may have a payload of `length` bytes.
fn has_right_size(kind: u8, flags: u8, length: usize) -> bool {
    match kind {
        PRIORITY => length == 5,
        RST_STREAM | WINDOW_UPDATE => length == 4,
        SETTINGS if flags & ACK != 0 => length == 0,
        SETTINGS => length.is_multiple_of(6),
        PING => length == 8,
        GOAWAY => length >= 8,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(kind: u8, payload: &[u8]) -> Vec<u8> {
        let mut out = (payload.len() as u32).to_be_bytes()[1..].to_vec();
        out.extend_from_slice(&[kind, 0, 0, 0, 0, 1]);
        out.extend_from_slice(payload);
        out
    }

    /// How many frames are let through before the connection is cut.
    fn allowed(guard: &mut Guard, frame: &[u8], now: Duration) -> usize {
        (0..10_000).take_while(|_| guard.push(frame, now, |_| ()) == Verdict::Fine).count()
    }

    fn ready() -> Guard {
        let mut guard = Guard::server();
        assert_eq!(guard.push(PREFACE, Duration::ZERO, |_| ()), Verdict::Fine);
        assert_eq!(guard.push(&frame(4, &[]), Duration::ZERO, |_| ()), Verdict::Fine);
        guard.stream_done();
        guard
    }

    #[test]
    fn control_frames_have_a_price_and_time_gives_credit() {
        let ping = frame(6, &[0; 8]);
        let mut guard = ready();
        assert_eq!(allowed(&mut guard, &ping, Duration::ZERO), 1000);
        assert_eq!(allowed(&mut guard, &ping, Duration::from_secs(1)), 100);
        assert_eq!(allowed(&mut ready(), &frame(3, &[0; 4]), Duration::ZERO), 200);
        assert_eq!(allowed(&mut ready(), &frame(4, &[]), Duration::ZERO), 200);
        assert_eq!(allowed(&mut ready(), &frame(0, b"data"), Duration::ZERO), 10_000);
        assert_eq!(allowed(&mut ready(), &frame(0, b""), Duration::ZERO), 1000);
        assert_eq!(allowed(&mut Guard::client(), &ping, Duration::ZERO), 10_000);
        let mut guard = ready();
        assert_eq!(allowed(&mut guard, &ping, Duration::ZERO), 1000);
        guard.stream_done();
        guard.sent(5120);
        assert_eq!(allowed(&mut guard, &ping, Duration::ZERO), 15);
    }

    #[test]
    fn sizes_and_the_first_frame() {
        for (kind, right, wrong) in [(2, 5, 4), (3, 4, 5), (4, 12, 7), (6, 8, 9), (7, 8, 7), (8, 4, 0)] {
            assert_eq!(ready().push(&frame(kind, &vec![0; right]), Duration::ZERO, |_| ()), Verdict::Fine, "{kind}");
            assert_eq!(ready().push(&frame(kind, &vec![0; wrong]), Duration::ZERO, |_| ()), Verdict::WrongSize, "{kind}");
        }
        let mut guard = Guard::server();
        assert_eq!(guard.push(PREFACE, Duration::ZERO, |_| ()), Verdict::Fine);
        assert_eq!(guard.push(&frame(6, &[0; 8]), Duration::ZERO, |_| ()), Verdict::NoSettings);
    }

    #[test]
    fn a_goaway_is_seen_however_it_is_cut() {
        let mut data = frame(0, b"x");
        data.extend(frame(7, b"\x80\0\0\x05\0\0\0\x0bcalm down"));
        data.extend(frame(7, &[1; 5000]));
        data.extend(frame(7, &[1; 3]));
        for step in [1, 5, 10_000] {
            let mut guard = Guard::client();
            let mut seen = Vec::new();
            for piece in data.chunks(step) {
                assert_eq!(guard.push(piece, Duration::ZERO, |go_away| seen.push(go_away)), Verdict::Fine);
            }
            assert_eq!(seen.len(), 2);
            assert_eq!(seen[0], GoAway { last_stream: 5, code: 11, debug: Bytes::from_static(b"calm down") });
            assert_eq!(seen[1].debug.len(), MAX_DEBUG);
        }
    }
}
