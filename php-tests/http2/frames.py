"""RFC 9113 frame by frame, with hyperframe and hpack: what a server must answer, and what must cost its sender the connection.

Argument: the port of a server that answers GET with 1000 bytes, and a body with its length. Prints a line for each case that
went wrong, then how many there were.
"""
import socket
import struct
import sys
import time

import hpack
from hyperframe.frame import (
    ContinuationFrame, DataFrame, Frame, GoAwayFrame, HeadersFrame, PingFrame, PriorityFrame, PushPromiseFrame, RstStreamFrame,
    SettingsFrame, WindowUpdateFrame,
)

PORT = int(sys.argv[1])
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
NO_ERROR, PROTOCOL, INTERNAL, FLOW, TIMEOUT, CLOSED, SIZE, REFUSED, CANCEL, COMPRESSION, CONNECT, CALM = range(12)
GET = [(":method", "GET"), (":scheme", "http"), (":path", "/"), (":authority", "a")]
POST = [(":method", "POST"), (":scheme", "http"), (":path", "/"), (":authority", "a")]


def raw(kind, flags, stream, payload=b"", length=None):
    """A frame that hyperframe would not write."""
    size = len(payload) if length is None else length
    return struct.pack(">I", size)[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


class Peer:
    def __init__(self, settings=None, preface=PREFACE, hello=True):
        self.socket = socket.create_connection(("127.0.0.1", PORT), timeout=10)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.encoder = hpack.Encoder()
        self.decoder = hpack.Decoder()
        self.buffer = b""
        self.gone = False
        self.send(preface)
        if hello:
            self.send(SettingsFrame(0, settings or {}))

    def send(self, *frames):
        data = b"".join(f if isinstance(f, bytes) else f.serialize() for f in frames)
        try:
            self.socket.sendall(data)
        except OSError:
            self.gone = True

    def headers(self, stream, fields=GET, end=True, done=True, more=b"", kind=HeadersFrame):
        frame = kind(stream, self.encoder.encode(fields) + more)
        if end and kind is HeadersFrame:
            frame.flags.add("END_STREAM")
        if done:
            frame.flags.add("END_HEADERS")
        return frame

    def data(self, stream, payload=b"", end=True):
        frame = DataFrame(stream, payload)
        if end:
            frame.flags.add("END_STREAM")
        return frame

    def frame(self, timeout=10):
        """The next frame; None at the end of the connection."""
        self.socket.settimeout(timeout)
        try:
            while len(self.buffer) < 9 or len(self.buffer) < 9 + int.from_bytes(self.buffer[:3], "big"):
                more = self.socket.recv(1 << 16)
                if not more:
                    return None
                self.buffer += more
        except ConnectionError:
            return None
        frame, length = Frame.parse_frame_header(memoryview(self.buffer[:9]))
        frame.parse_body(memoryview(self.buffer[9:9 + length]))
        self.buffer = self.buffer[9 + length:]
        return frame

    def outcome(self, stream=1, pongs=True):
        """What the case has come to: a word, or an error and its code."""
        length = 0
        status = None
        while True:
            try:
                frame = self.frame()
            except socket.timeout:
                return "silence"
            if frame is None:
                return "closed"
            if isinstance(frame, GoAwayFrame) and frame.error_code != NO_ERROR:
                return ("goaway", frame.error_code)
            if isinstance(frame, RstStreamFrame):
                return ("reset", frame.error_code)
            if pongs and isinstance(frame, PingFrame) and "ACK" in frame.flags:
                return ("pong", frame.opaque_data)
            if isinstance(frame, HeadersFrame) and frame.stream_id == stream:
                status = dict(self.decoder.decode(frame.data)).get(":status", status)
            elif isinstance(frame, HeadersFrame):
                self.decoder.decode(frame.data)
            if isinstance(frame, DataFrame):
                self.send(WindowUpdateFrame(0, len(frame.data) or 1))
                if frame.stream_id == stream:
                    length += len(frame.data)
            if getattr(frame, "stream_id", 0) == stream and "END_STREAM" in frame.flags:
                return (status, length)


cases = 0
wrong = 0


def report(name, got, wanted):
    global cases, wrong
    cases += 1
    if got not in wanted:
        wrong += 1
        print(f"{name}: {got} instead of {' or '.join(map(str, wanted))}")


def case(name, wanted, *make, peer=None, stream=1):
    """Each of `make` is bytes, a frame, or a function of the peer that gives one or a list of them."""
    peer = peer or Peer()
    for item in make:
        item = item(peer) if callable(item) else item
        peer.send(*(item if isinstance(item, list) else [item]))
    report(name, peer.outcome(stream), wanted)
    peer.socket.close()


def dies(code):
    """An error of the connection. The close may come first."""
    return [("goaway", code), "closed"]


def resets(code):
    """An error of a stream, which may be treated as one of the connection (5.4.2)."""
    return [("reset", code), ("goaway", code), "closed"]


# The h2 crate does not tell an error of HPACK, or a window beyond its limit in settings, from other errors.
HPACK = dies(COMPRESSION) + dies(PROTOCOL)
FINE = [("200", 1000)]
ping = PingFrame(0, b"12345678")
PONG = [("pong", b"12345678")]

# 3.4, 4: the preface, frames, field sections
case("3.4 a request with prior knowledge", FINE, lambda p: p.headers(1))
case("3.4 a bad preface", dies(PROTOCOL), peer=Peer(preface=PREFACE[:-4] + b"XX\r\n"))
case("3.4 no settings first", dies(PROTOCOL), lambda p: p.headers(1), peer=Peer(hello=False))
case("4.1 an unknown type", PONG, raw(0x16, 0xFF, 0, b"what is it"), ping)
case("4.1 unknown flags", PONG, raw(6, 0x16, 0, b"12345678"))
case("4.1 the reserved bit", PONG, raw(6, 0, 1 << 31, b"12345678"))
case("4.2 the largest frame", [("200", 5)], lambda p: [p.headers(1, POST, end=False), p.data(1, bytes(16384))])
case("4.2 data too large", resets(SIZE), lambda p: [p.headers(1, POST, end=False), p.data(1, bytes(16385))])
case("4.2 headers too large", dies(SIZE), raw(1, 5, 1, bytes(16385)))
case("4.3 no HPACK", HPACK, raw(1, 5, 1, b"\xff\xff\xff\xff\xff\xff\xff\xff"))
case("4.3 index 0", HPACK, raw(1, 5, 1, b"\x80"))
case("4.3 an index beyond the table", HPACK, raw(1, 5, 1, b"\xff\x80\x01"))
case("4.3 table size beyond the setting", HPACK, lambda p: raw(1, 5, 1, b"\x3f\xe2\x9f\x01" + p.encoder.encode(GET)))
case("4.3 bad Huffman padding", HPACK, raw(1, 5, 1, b"\x82\x86\x84\x41\x82\xff\xff"))
case("4.3 headers interrupted by a priority", dies(PROTOCOL), lambda p: [p.headers(1, done=False), PriorityFrame(1)])
case("4.3 headers interrupted by other headers", dies(PROTOCOL), lambda p: [p.headers(1, done=False), p.headers(3)])
case("4.3 headers interrupted by a ping", dies(PROTOCOL), lambda p: [p.headers(1, done=False), ping])

# 5: streams
for name, frame in [("data", DataFrame(1, b"x")), ("reset", RstStreamFrame(1)), ("window", WindowUpdateFrame(1, 1)), ("continuation", ContinuationFrame(1))]:
    case(f"5.1 idle: {name}", dies(PROTOCOL), frame)
case("5.1 idle: priority is allowed", FINE, lambda p: [PriorityFrame(3, depends_on=1), p.headers(1)])
case("5.1 half closed: data", resets(CLOSED) + dies(PROTOCOL) + FINE, lambda p: [p.headers(1), p.data(1, b"x")])
case("5.1 half closed: continuation", dies(PROTOCOL), lambda p: [p.headers(1), ContinuationFrame(1, b"", flags=["END_HEADERS"])])
case("5.1 half closed: headers", resets(CLOSED) + dies(PROTOCOL), lambda p: [p.headers(1, POST, end=False), p.data(1), p.headers(1)])
case("5.1.1 an even number", dies(PROTOCOL), lambda p: p.headers(2))
case("5.1.1 a smaller number", dies(PROTOCOL) + dies(CLOSED), lambda p: [p.headers(5), p.headers(3)], stream=3)
case("5.1.2 too many streams", [("reset", REFUSED), ("reset", PROTOCOL), ("goaway", PROTOCOL)],
     lambda p: [p.headers(n, POST, end=False) for n in range(1, 2 * 128 + 3, 2)], stream=0)
case("5.3.1 depends on itself", resets(PROTOCOL), lambda p: raw(1, 0x25, 1, struct.pack(">IB", 1, 0) + p.encoder.encode(GET)))

# 6: each frame
case("6.1 data on stream 0", dies(PROTOCOL), raw(0, 1, 0, b"x"))
case("6.1 padding longer than the frame", dies(PROTOCOL), lambda p: [p.headers(1, POST, end=False), raw(0, 9, 1, b"\x0aabc")])
case("6.1 padded data", [("200", 1)], lambda p: [p.headers(1, POST, end=False), raw(0, 9, 1, b"\x03abc\0\0\0")])
case("6.2 headers on stream 0", dies(PROTOCOL), lambda p: raw(1, 5, 0, p.encoder.encode(GET)))
case("6.2 padding longer than the frame", dies(PROTOCOL), lambda p: raw(1, 13, 1, b"\xff" + p.encoder.encode(GET)))
case("6.2 padded headers", FINE, lambda p: raw(1, 13, 1, b"\x04" + p.encoder.encode(GET) + bytes(4)))
case("6.3 priority on stream 0", dies(PROTOCOL), raw(2, 0, 0, bytes(5)))
case("6.3 priority of 4 bytes", resets(SIZE), raw(2, 0, 1, bytes(4)))
case("6.4 reset of stream 0", dies(PROTOCOL), raw(3, 0, 0, bytes(4)))
case("6.4 reset of 3 bytes", dies(SIZE), lambda p: [p.headers(1, POST, end=False), raw(3, 0, 1, bytes(3))])
case("6.5 settings on a stream", dies(PROTOCOL), raw(4, 0, 1, b""))
case("6.5 settings of 5 bytes", dies(SIZE), raw(4, 0, 0, bytes(5)))
case("6.5 an acknowledgement with a payload", dies(SIZE), raw(4, 1, 0, bytes(6)))
case("6.5.2 push is neither on nor off", dies(PROTOCOL), raw(4, 0, 0, struct.pack(">HI", 2, 2)))
case("6.5.2 window too large", dies(FLOW) + dies(PROTOCOL), raw(4, 0, 0, struct.pack(">HI", 4, 1 << 31)))
case("6.5.2 frames too small", dies(PROTOCOL), raw(4, 0, 0, struct.pack(">HI", 5, 16383)))
case("6.5.2 frames too large", dies(PROTOCOL), raw(4, 0, 0, struct.pack(">HI", 5, 1 << 24)))
case("6.5.2 an unknown setting", PONG, raw(4, 0, 0, struct.pack(">HI", 0xFF, 1)), ping)
case("6.6 a push from a client", dies(PROTOCOL), PushPromiseFrame(1, 2, b"", flags=["END_HEADERS"]))
case("6.7 a ping", PONG, ping)
case("6.7 an answer to no ping", PONG, PingFrame(0, b"notasked", flags=["ACK"]), ping)
case("6.7 a ping on a stream", dies(PROTOCOL), raw(6, 0, 1, bytes(8)))
case("6.7 a ping of 7 bytes", dies(SIZE), raw(6, 0, 0, bytes(7)))
case("6.8 goaway on a stream", dies(PROTOCOL), raw(7, 0, 1, bytes(8)))
case("6.8 goaway lets streams end", FINE, lambda p: [p.headers(1), GoAwayFrame(0)])
case("6.9 no increment, connection", dies(PROTOCOL), raw(8, 0, 0, bytes(4)))
case("6.9 no increment, stream", resets(PROTOCOL), lambda p: [p.headers(1, POST, end=False), raw(8, 0, 1, bytes(4))])
case("6.9 window of 3 bytes", dies(SIZE), raw(8, 0, 0, bytes(3)))
case("6.9.1 window of the connection too large", dies(FLOW), WindowUpdateFrame(0, (1 << 31) - 1), WindowUpdateFrame(0, (1 << 31) - 1))
case("6.9.1 window of a stream too large", resets(FLOW),
     lambda p: [p.headers(1, POST, end=False), WindowUpdateFrame(1, (1 << 31) - 1), WindowUpdateFrame(1, (1 << 31) - 1)])
case("6.10 two continuations", FINE, lambda p: [p.headers(1, GET[:2], done=False), p.headers(1, GET[2:3], done=False, kind=ContinuationFrame),
                                               p.headers(1, GET[3:], kind=ContinuationFrame)])
case("6.10 continued by data", dies(PROTOCOL), lambda p: [p.headers(1, POST, end=False, done=False), p.data(1, b"x")])
case("6.10 continued on stream 0", dies(PROTOCOL), lambda p: [p.headers(1, done=False), raw(9, 4, 0)])
case("6.10 continued on another stream", dies(PROTOCOL), lambda p: [p.headers(1, done=False), raw(9, 4, 3)])
case("6.10 continued after its end", dies(PROTOCOL), lambda p: [p.headers(1, POST, end=False), raw(9, 4, 1)])

# 8: messages
case("8.1 trailers that do not end", resets(PROTOCOL), lambda p: [p.headers(1, POST, end=False), p.headers(1, [("x-t", "1")], end=False)])
case("8.1 a body and trailers", [("200", 1)], lambda p: [p.headers(1, POST, end=False), p.data(1, b"abc", end=False), p.headers(1, [("x-t", "1")])])
malformed = {
    "8.2 a name in upper case": GET + [("X-Upper", "1")],
    "8.2.2 connection": GET + [("connection", "keep-alive")],
    "8.2.2 te": GET + [("te", "gzip")],
    "8.3 an unknown pseudo field": GET + [(":what", "1")],
    "8.3 a pseudo field of answers": GET + [(":status", "200")],
    "8.3 a pseudo field after others": GET[:3] + [("x-a", "1")] + GET[3:],
    "8.3.1 no method": GET[1:],
    "8.3.1 no scheme": GET[:1] + GET[2:],
    "8.3.1 no path": GET[:2] + GET[3:],
    "8.3.1 an empty path": [(n, "" if n == ":path" else v) for n, v in GET],
    "8.3.1 two methods": GET + GET[:1],
    "8.3.1 two schemes": GET + GET[1:2],
    "8.3.1 two paths": GET + GET[2:3],
}
for name, fields in malformed.items():
    case(name, resets(PROTOCOL) + [("400", 0)], lambda p: p.headers(1, fields))
case("8.2.2 te: trailers", FINE, lambda p: p.headers(1, GET + [("te", "trailers")]))
# h2 drops it, and nobody sees it.
case("8.3 a pseudo field in trailers", resets(PROTOCOL) + [("200", 1)], lambda p: [p.headers(1, POST, end=False), p.headers(1, [(":path", "/")])])
case("8.1.1 a length that is too long", resets(PROTOCOL), lambda p: [p.headers(1, POST + [("content-length", "2")], end=False), p.data(1, b"x")])
case("8.1.1 a length that is too short", resets(PROTOCOL), lambda p: [p.headers(1, POST + [("content-length", "1")], end=False), p.data(1, b"xy")])
case("8.1.1 the right length", [("200", 1)], lambda p: [p.headers(1, POST + [("content-length", "2")], end=False), p.data(1, b"xy")])

# 6.9: no more than the window allows, byte by byte
peer = Peer({SettingsFrame.INITIAL_WINDOW_SIZE: 1})
peer.send(peer.headers(1))
sizes = []
while sum(sizes) < 5:
    frame = peer.frame()
    if isinstance(frame, DataFrame):
        sizes.append(len(frame.data))
        peer.send(WindowUpdateFrame(1, 1))
report("6.9 a window of one byte", sizes, [[1] * 5])
# A smaller window counts for streams that are open: this one is below zero and gets nothing until it is above.
peer = Peer({SettingsFrame.INITIAL_WINDOW_SIZE: 500})
peer.send(peer.headers(1))
got = 0
while got < 500:
    frame = peer.frame()
    got += len(frame.data) if isinstance(frame, DataFrame) else 0
peer.send(SettingsFrame(0, {SettingsFrame.INITIAL_WINDOW_SIZE: 100}), WindowUpdateFrame(1, 400), ping)
while not (isinstance(frame := peer.frame(), PingFrame) and "ACK" in frame.flags):
    got += len(frame.data) if isinstance(frame, DataFrame) else 0
report("6.9.2 nothing below zero", got, [500])
peer.send(WindowUpdateFrame(1, 500))
report("6.9.2 and the rest above", peer.outcome(), [("200", 500), (None, 500)])

# Floods: they cost the attacker the connection, in bounded time
def flood(name, make, wanted, times):
    peer = Peer()
    began = time.monotonic()
    for n in range(times):
        peer.send(make(peer, n))
        if peer.gone:
            break
    report(name, peer.outcome(0, pongs=False), wanted)
    report(f"{name}: time", time.monotonic() - began < 30, [True])
    peer.socket.close()


calm = dies(CALM) + dies(PROTOCOL)
flood("rapid reset", lambda p, n: p.headers(2 * n + 1).serialize() + RstStreamFrame(2 * n + 1, CANCEL).serialize(), calm, 20000)
continued = raw(9, 0, 1, b"\x00\x01a\x3f" + b"b" * 63)
flood("continuation", lambda p, n: p.headers(1, done=False).serialize() if n == 0 else continued * 16, calm + dies(COMPRESSION) + dies(SIZE), 20000)
empty = raw(9, 0, 1)
flood("empty continuations", lambda p, n: p.headers(1, done=False).serialize() if n == 0 else empty * 64, calm, 20000)
flood("settings", lambda p, n: SettingsFrame(0, {SettingsFrame.ENABLE_PUSH: n & 1}).serialize() * 64, calm, 20000)
flood("pings", lambda p, n: ping.serialize() * 64, calm, 20000)
flood("empty data", lambda p, n: p.headers(1, POST, end=False).serialize() if n == 0 else raw(0, 0, 1) * 64, calm, 20000)
flood("priorities", lambda p, n: raw(2, 0, 1, bytes(5)) * 64 if n else p.headers(1, POST, end=False).serialize(), calm + ["silence"], 2000)
case("after all that, others are served", FINE, lambda p: p.headers(1))

print(cases, "cases,", wrong, "wrong")
