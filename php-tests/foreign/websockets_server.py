"""Prints its port, then echoes: what is text comes back reversed and in fragments, what is binary as it is."""
import asyncio
import sys

import websockets


async def echo(socket, path=""):
    async for message in socket:
        if message == "close":
            await socket.close(4001, "as you wish")
        elif message == "ping":
            await (await socket.ping(b"are you there"))
            await socket.send("ponged")
        elif isinstance(message, str):
            text = message[::-1]
            third = max(1, len(text) // 3)
            await socket.send([text[at:at + third] for at in range(0, len(text), third)] or [""])
        else:
            await socket.send(message)


async def main():
    compression = None if sys.argv[1:] == ["plain"] else "deflate"
    async with websockets.serve(echo, "127.0.0.1", 0, compression=compression, max_size=1 << 24) as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


asyncio.run(main())
