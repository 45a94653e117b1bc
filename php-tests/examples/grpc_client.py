"""Drives examples/grpc_server.php with grpcio: prints what each shape of call gives. Argument: the port."""
import sys
import threading

import grpc


def encode(value):
    bits = value & 0xFFFF_FFFF_FFFF_FFFF
    out = bytearray()
    while bits:
        out.append(bits & 0x7F | (0x80 if bits > 0x7F else 0))
        bits >>= 7
    return b"\x08" + bytes(out) if out else b""


def decode(message):
    value = 0
    for n, byte in enumerate(message[1:]):
        value |= (byte & 0x7F) << 7 * n
    return value - (1 << 64) if value >> 63 else value


def codecs():
    return {"request_serializer": encode, "response_deserializer": decode}


def failure(call):
    try:
        result = call()
        return f"no error: {result if isinstance(result, int) else list(result)}"
    except grpc.RpcError as error:
        return f"{error.code().name}: {error.details()}"


def main():
    channel = grpc.insecure_channel(f"127.0.0.1:{sys.argv[1]}")
    grpc.channel_ready_future(channel).result(timeout=10)
    name = "/examples.Calculator/"
    square = channel.unary_unary(name + "Square", **codecs())
    count_to = channel.unary_stream(name + "CountTo", **codecs())
    sum_of = channel.stream_unary(name + "Sum", **codecs())
    running = channel.stream_stream(name + "RunningSum", **codecs())

    print("unary", square(12, timeout=10), square(0, timeout=10), square(-3, timeout=10))
    print("server", list(count_to(5, timeout=10)), len(list(count_to(20000, timeout=30))))
    print("client", sum_of(iter([1, 2, 3, -10]), timeout=10), sum_of(iter(range(5000)), timeout=30), sum_of(iter([]), timeout=10))

    # Each number is sent only once the answer to the one before is there: both directions are open at once.
    answered = threading.Semaphore(1)

    def numbers():
        for value in range(1, 101):
            assert answered.acquire(timeout=10)
            yield value

    sums = []
    for total in running(numbers(), timeout=30):
        sums.append(total)
        answered.release()
    print("both", sums[:4], sums[-1], len(sums))

    # All shapes at once on the one connection.
    pending = [square.future(n, timeout=30) for n in range(200)]
    pending += [sum_of.future(iter(range(n)), timeout=30) for n in range(50)]
    results = [call.result() for call in pending]
    print("together", results[:200] == [n * n for n in range(200)], results[200:] == [sum(range(n)) for n in range(50)])

    raw = channel.unary_unary(name + "Square")
    print("no method", failure(lambda: channel.unary_unary(name + "Root", **codecs())(4, timeout=10)))
    print("no Number", failure(lambda: raw(b"\x12\x01x", timeout=10)))
    print("too large", failure(lambda: raw(b"x" * (5 << 20), timeout=30)))
    print("deadline", failure(lambda: running(iter(lambda: threading.Event().wait(5) or 1, 2), timeout=0.3)).split(":")[0])

    endless = count_to(1 << 40)
    first = [next(endless) for _ in range(3)]
    endless.cancel()
    print("cancelled", first, square(5, timeout=10))
    channel.close()


main()
