"""Talks to the server at the URL given, and prints what it heard."""
import asyncio
import sys

import websockets


async def main():
    for compression in (None, "deflate"):
        async with websockets.connect(sys.argv[1], compression=compression, max_size=1 << 24) as socket:
            # Since version 14 they are the protocol's.
            extensions = getattr(socket, "extensions", None) or getattr(getattr(socket, "protocol", None), "extensions", [])
            print("extensions", [extension.name for extension in extensions])
            for message in ("hello", "ü" * 70000, bytes(range(256)) * 300, ""):
                await socket.send(message)
                print(await socket.recv() == message)
            await socket.send(["in ", "three ", "fragments"])
            print(await socket.recv())
            await asyncio.wait_for(await socket.ping(b"x"), 5)
            print("pong")
            await socket.close(1000, "done")
            print(socket.close_code)
    try:
        async with websockets.connect(sys.argv[1].rstrip("/") + "/none"):
            pass
    except websockets.InvalidHandshake as refusal:
        print("refused", getattr(refusal, "status_code", None) or refusal.response.status_code)


asyncio.run(main())
