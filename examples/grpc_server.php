<?php
/**
 * gRPC in its four shapes: calculator.proto tells what it speaks. Any gRPC client reaches it at PORT (9506).
 *
 * With `http_request_stream` the request event comes with the headers, read() gives messages as they come, and
 * write() answers meanwhile: both directions of a call are open at once.
 */
use Swoole\Http\{Request, Response, Server};

/** Codes of the trailer grpc-status. */
enum Status: int
{
    case Ok = 0;
    case Cancelled = 1;
    case InvalidArgument = 3;
    case ResourceExhausted = 8;
    case Unimplemented = 12;
    case Internal = 13;
}

final class CallFailed extends Exception
{
    public function __construct(public readonly Status $status, string $message)
    {
        parent::__construct($message);
    }
}

/** One call: messages in, messages out. Each is a byte of flags, four of length, and protobuf. */
final class Call
{
    private const LONGEST = 4 << 20;
    private string $buffer = '';

    public function __construct(private Request $request, private Response $response)
    {
    }

    /** The client's next number; null when it has sent its last. */
    public function receive(): ?int
    {
        $head = $this->take(5, true);
        if ($head === null) {
            return null;
        }
        ['flags' => $flags, 'length' => $length] = unpack('Cflags/Nlength', $head);
        if ($flags !== 0) {
            throw new CallFailed(Status::Unimplemented, 'compressed messages are not supported');
        }
        if ($length > self::LONGEST) {
            throw new CallFailed(Status::ResourceExhausted, "a message of $length bytes");
        }
        return Number::decode($this->take($length));
    }

    /** @return Generator<int> */
    public function all(): Generator
    {
        while (($value = $this->receive()) !== null) {
            yield $value;
        }
    }

    /** Waits while the client takes nothing more. */
    public function send(int $value): void
    {
        $message = Number::encode($value);
        if (!$this->response->write(pack('CN', 0, strlen($message)) . $message)) {
            throw new CallFailed(Status::Cancelled, 'the client is gone');
        }
    }

    private function take(int $length, bool $mayEnd = false): ?string
    {
        while (strlen($this->buffer) < $length) {
            $piece = $this->request->read();
            if ($piece === false) {
                throw new CallFailed(Status::Cancelled, 'the client is gone');
            }
            if ($piece === '') {
                if ($mayEnd && $this->buffer === '') {
                    return null;
                }
                throw new CallFailed(Status::InvalidArgument, 'the last message is cut short');
            }
            $this->buffer .= $piece;
        }
        $taken = substr($this->buffer, 0, $length);
        $this->buffer = substr($this->buffer, $length);
        return $taken;
    }
}

/** `message Number { int64 value = 1; }`: a tag, and a number in groups of seven bits. */
final class Number
{
    public static function encode(int $value): string
    {
        if ($value === 0) {
            return '';
        }
        $bytes = "\x08";
        for ($group = 0; $group < 10; $group++) {
            $low = $value & 0x7f;
            $value = ($value >> 7) & (PHP_INT_MAX >> 6);
            $bytes .= chr($value === 0 ? $low : $low | 0x80);
            if ($value === 0) {
                break;
            }
        }
        return $bytes;
    }

    public static function decode(string $bytes): int
    {
        if ($bytes === '') {
            return 0;
        }
        if ($bytes[0] !== "\x08" || strlen($bytes) < 2 || strlen($bytes) > 11 || ord($bytes[-1]) & 0x80) {
            throw new CallFailed(Status::InvalidArgument, 'not a Number');
        }
        $value = 0;
        for ($n = 1; $n < strlen($bytes); $n++) {
            $value |= (ord($bytes[$n]) & 0x7f) << 7 * ($n - 1);
        }
        return $value;
    }
}

/** @var array<string, Closure(Call): void> */
$methods = [
    '/examples.Calculator/Square' => function (Call $call) {
        $call->send(($call->receive() ?? 0) ** 2);
    },
    '/examples.Calculator/CountTo' => function (Call $call) {
        $last = $call->receive() ?? 0;
        for ($n = 1; $n <= $last; $n++) {
            $call->send($n);
        }
    },
    '/examples.Calculator/Sum' => function (Call $call) {
        $sum = 0;
        foreach ($call->all() as $value) {
            $sum += $value;
        }
        $call->send($sum);
    },
    '/examples.Calculator/RunningSum' => function (Call $call) {
        $sum = 0;
        foreach ($call->all() as $value) {
            $call->send($sum += $value);
        }
    },
];

$host = getenv('HOST') ?: '127.0.0.1';
$port = (int) (getenv('PORT') ?: 9506);
$server = new Server($host, $port, SWOOLE_BASE);
$server->set(['worker_num' => 1, 'open_http2_protocol' => true, 'http_request_stream' => true]);
$server->on('Start', function () use ($host, $port) {
    echo "gRPC on $host:$port\n";
});
$server->on('Request', function (Request $request, Response $response) use ($methods) {
    $response->header('content-type', 'application/grpc+proto');
    $status = Status::Ok;
    try {
        $method = $methods[$request->server['request_uri']]
            ?? throw new CallFailed(Status::Unimplemented, "no method {$request->server['request_uri']}");
        $method(new Call($request, $response));
    } catch (CallFailed $failed) {
        $status = $failed->status;
        $response->trailer('grpc-message', rawurlencode($failed->getMessage()));
    } catch (Throwable $error) {
        $status = Status::Internal;
        $response->trailer('grpc-message', rawurlencode($error->getMessage()));
    }
    $response->trailer('grpc-status', (string) $status->value);
    if ($response->isWritable()) {
        $response->end();
    }
});
$server->start();
