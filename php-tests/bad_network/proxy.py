"""proxy.py MODE@PORT…: forwards TCP to 127.0.0.1:PORT badly, and prints the ports it listens on, one for each.

split      every byte is a packet of its own
delay      pieces of random size, with pauses between them
merge      what comes within 20 ms is sent at once
cut:N      both connections close after N bytes of answers
reset:N    the same, with a reset towards the client
cutup:N    both connections close after N bytes of requests
"""
import asyncio
import random
import socket
import struct
import sys

random.seed(7)


async def forward(mode, limit, reader, writer, answers, end):
    limited = mode in ("cut", "reset") and answers or mode == "cutup" and not answers
    left = limit
    try:
        while data := await reader.read(65536):
            if mode == "merge":
                await asyncio.sleep(0.02)
                data += reader._buffer
                del reader._buffer[:]
            if limited:
                data, left = data[:left], left - len(data[:left])
            while data:
                size = {"split": 1, "delay": random.randint(1, 700)}.get(mode, len(data))
                writer.write(data[:size])
                await writer.drain()
                data = data[size:]
                if mode == "delay":
                    await asyncio.sleep(random.random() / 500)
                elif mode == "split":
                    await asyncio.sleep(0)
            if limited and left == 0:
                await asyncio.sleep(0.01)
                end()
                return
        writer.write_eof()
    except (OSError, RuntimeError):
        end()


async def serve(mode, limit, target, reader, writer):
    try:
        up_reader, up_writer = await asyncio.open_connection("127.0.0.1", target)
    except OSError:
        writer.close()
        return
    for one in (writer, up_writer):
        one.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def end():
        if mode == "reset" and not writer.is_closing():
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        for one in (writer, up_writer):
            if not one.is_closing():
                one.close()

    await asyncio.gather(
        forward(mode, limit, reader, up_writer, False, end),
        forward(mode, limit, up_reader, writer, True, end),
    )
    end()


def handler(spec):
    mode, _, target = spec.partition("@")
    mode, _, count = mode.partition(":")
    return lambda reader, writer: serve(mode, int(count or 0), int(target), reader, writer)


async def main():
    servers = [await asyncio.start_server(handler(spec), "127.0.0.1", 0) for spec in sys.argv[1:]]
    print(*[server.sockets[0].getsockname()[1] for server in servers], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


asyncio.run(main())
