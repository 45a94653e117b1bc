"""Called by benches/fanout/run: opens connections to server.php, has it send, counts what comes. Arguments: port, connections, rounds, pid.

Prints JSON: bytes of memory for each connection, messages that came and that should have, seconds, CPU seconds of the server.
"""
import json
import os
import select
import socket
import sys
import time
import urllib.request

port, count, rounds, pid = map(int, sys.argv[1:])
SHAKE = b"GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
FRAME = 62


def family():
    """The server's processes."""
    found, new = {pid}, True
    while new:
        new = False
        for entry in os.listdir("/proc"):
            if entry.isdigit() and int(entry) not in found:
                try:
                    parent = int(open(f"/proc/{entry}/stat").read().rsplit(")", 1)[1].split()[1])
                except OSError:
                    continue
                if parent in found:
                    found.add(int(entry))
                    new = True
    return found


def memory():
    """Private bytes of all processes."""
    total = 0
    for process in family():
        for line in open(f"/proc/{process}/smaps_rollup"):
            if line.startswith(("Private_Clean", "Private_Dirty")):
                total += int(line.split()[1]) * 1024
    return total


def cpu():
    return sum(int(open(f"/proc/{process}/schedstat").read().split()[0]) for process in family()) / 1e9


def ask(query=""):
    return int(urllib.request.urlopen(f"http://127.0.0.1:{port}/{query}", timeout=30).read())


def open_all(number):
    """That many WebSockets."""
    sockets = {}
    for _ in range(number):
        connection = socket.create_connection(("127.0.0.1", port), timeout=30)
        connection.sendall(SHAKE)
        answer = b""
        while not answer.endswith(b"\r\n\r\n"):
            answer += connection.recv(4096)
        assert answer.startswith(b"HTTP/1.1 101 "), answer
        connection.setblocking(False)
        sockets[connection.fileno()] = connection
    return sockets


def receive(sockets, deadline):
    """Counts messages until all are there. Each connection has each of them once and in their order."""
    poll = select.epoll()
    buffers = {}
    for number in sockets:
        buffers[number] = (b"", 0)
        poll.register(number, select.EPOLLIN)
    got = 0
    while got < len(sockets) * rounds and time.monotonic() < deadline:
        for number, _ in poll.poll(1):
            rest, last = buffers[number]
            rest += sockets[number].recv(65536)
            while len(rest) >= FRAME:
                said = int(rest[2:FRAME])
                assert rest[:2] == b"\x81\x3c" and said == last + 1, (rest[:FRAME], last)
                last, rest = said, rest[FRAME:]
                got += 1
            buffers[number] = (rest, last)
    return got


ask()
before = memory()
began = time.monotonic()
# Two processes, so that the usual limit of open files does for each.
clients = []
for part in (count - count // 2, count // 2):
    (here_in, there_out), (there_in, here_out) = os.pipe(), os.pipe()
    if os.fork() == 0:
        sockets = open_all(part)
        os.write(there_out, b"open")
        os.read(there_in, 2)
        os.write(there_out, str(receive(sockets, time.monotonic() + 60 + rounds * 5)).encode())
        os._exit(0)
    clients.append((here_in, here_out))
for here_in, _ in clients:
    assert os.read(here_in, 4) == b"open"
assert ask() == count
opened = time.monotonic() - began
time.sleep(1)
each = (memory() - before) / count

used = cpu()
began = time.monotonic()
for _, here_out in clients:
    os.write(here_out, b"go")
ask(f"?rounds={rounds}")
got = sum(int(os.read(here_in, 20)) for here_in, _ in clients)
seconds = time.monotonic() - began
print(json.dumps({"connections": count, "opened_s": round(opened, 2), "bytes_each": round(each), "messages": got, "of": count * rounds,
                  "seconds": round(seconds, 2), "a_second": round(got / seconds), "cpu_us_each": round((cpu() - used) * 1e6 / max(got, 1), 2)}))
sys.exit(0 if got == count * rounds else 1)
