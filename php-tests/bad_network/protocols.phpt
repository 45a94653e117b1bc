--TEST--
Bytes one by one, in pieces, late, merged, cut off: each protocol gives the same, or a clean error
--FILE--
<?php
require __DIR__ . '/../_lib/peer.inc';

use Swoole\Coroutine;
use Swoole\Coroutine\{Client, Redis, Socket};
use Swoole\Coroutine\Http\Client as HttpClient;
use Swoole\Coroutine\Http\Server as HttpServer;
use Swoole\Coroutine\Http2\Client as Http2Client;

/**
 * Ports of a proxy that treats each as its specification says (`split@80`). It ends with the test, whose end of its
 * standard input it waits for.
 * @param list<string> $specs
 */
function proxies(array $specs): array
{
    static $pipes = [];
    $process = proc_open(['python3', __DIR__ . '/proxy.py', ...$specs], [['pipe', 'r'], ['pipe', 'w'], ['file', '/dev/null', 'w']], $ends);
    $pipes[] = [$process, $ends];
    return array_combine($specs, array_map('intval', explode(' ', trim(fgets($ends[1])))));
}

Coroutine\run(function () {
    $body = implode(' ', range(1, 600));

    $framed = ['open_length_check' => true, 'package_length_type' => 'N', 'package_body_offset' => 4];
    $tcp = listen(function (Socket $connection) use ($framed) {
        $connection->setProtocol($framed);
        while ($packet = $connection->recvPacket()) {
            $connection->sendAll($packet . pack('N', 2) . 'ok');
        }
    });
    $http = new HttpServer('127.0.0.1', 0);
    $http->set(['websocket_compression' => true]);
    $http->handle('/', function ($request, $response) {
        $response->header('X-Length', (string) strlen($request->rawContent()));
        foreach (str_split($request->rawContent(), 700) as $piece) {
            $response->write($piece);
        }
        $response->end();
    });
    $http->handle('/ws', function ($request, $socket) {
        $socket->upgrade();
        while (($frame = $socket->recv()) && $frame->opcode !== WEBSOCKET_OPCODE_CLOSE) {
            $socket->push($frame->data, $frame->opcode);
            $socket->push(strrev($frame->data), $frame->opcode);
        }
    });
    go(fn () => $http->start());
    $servers = ['tcp' => port_of($tcp), 'http' => $http->port, 'websocket' => $http->port, 'http2' => $http->port,
        'redis' => (int) getenv('TEST_REDIS_PORT')];

    // Each gives what it got, or false and an error code.
    $clients = [
        'tcp' => function (int $port) use ($framed, $body) {
            $client = new Client(SWOOLE_SOCK_TCP);
            $client->set($framed + ['timeout' => 5]);
            if (!$client->connect('127.0.0.1', $port) || !$client->send(pack('N', strlen($body)) . $body)) {
                return $client->errCode;
            }
            $got = [$client->recv(), $client->recv()];
            // The end of the stream is an empty string.
            return in_array(false, $got, true) ? $client->errCode : (in_array('', $got, true) ? 'end' : $got);
        },
        'http' => function (int $port) use ($body) {
            $client = new HttpClient('127.0.0.1', $port);
            $client->set(['timeout' => 5]);
            $got = [];
            foreach ([$body, 'short', $body] as $text) {
                if (!$client->post('/', $text)) {
                    return $client->errCode;
                }
                $got[] = [$client->statusCode, $client->headers['x-length'], md5($client->body)];
            }
            return $got;
        },
        'websocket' => function (int $port) use ($body) {
            $client = new HttpClient('127.0.0.1', $port);
            $client->set(['timeout' => 5, 'websocket_compression' => true]);
            if (!$client->upgrade('/ws')) {
                return $client->errCode ?: $client->statusCode;
            }
            $got = [];
            foreach ([$body, '', random_bytes(300)] as $n => $text) {
                if (!$client->push($text, $n === 2 ? WEBSOCKET_OPCODE_BINARY : WEBSOCKET_OPCODE_TEXT)) {
                    return $client->errCode;
                }
                foreach ([$text, strrev($text)] as $expected) {
                    $frame = $client->recv();
                    if (!$frame) {
                        return $frame === '' ? 'end' : $client->errCode;
                    }
                    $got[] = [$frame->data === $expected, $frame->opcode];
                }
            }
            return $got;
        },
        'http2' => function (int $port) use ($body) {
            $client = new Http2Client('127.0.0.1', $port);
            $client->set(['timeout' => 5]);
            if (!$client->connect()) {
                return $client->errCode;
            }
            $sent = $got = [];
            foreach ([$body, 'short', strrev($body)] as $text) {
                $request = new Swoole\Http2\Request;
                [$request->method, $request->path, $request->data] = ['POST', '/', $text];
                if (!($id = $client->send($request))) {
                    return $client->errCode;
                }
                $sent[$id] = md5($text);
            }
            while (count($got) < count($sent)) {
                $response = $client->recv();
                if (!$response) {
                    return $client->errCode;
                }
                if ($response->errCode) {
                    return $response->errCode;
                }
                $got[$response->streamId] = $sent[$response->streamId] === md5($response->data) && $response->statusCode === 200;
            }
            ksort($got);
            return $got;
        },
        'redis' => function (int $port) use ($body) {
            $redis = new Redis(['reconnect' => 0, 'timeout' => 5]);
            $key = 'test:' . getmypid() . ':bad';
            if (!$redis->connect('127.0.0.1', $port)) {
                return $redis->errCode;
            }
            $got = [];
            foreach ([['set', $key, $body], ['get', $key], ['mget', $key, 'none', $key], ['eval', "return {1, 'two', {3, 'four'}, redis.error_reply('five')}", 0], ['nonsense']] as $words) {
                $got[] = $redis->request($words);
                if ($redis->errType && $redis->errType !== SWOOLE_REDIS_ERR_OTHER) {
                    return $redis->errCode;
                }
            }
            return $got;
        },
    ];

    $expected = [];
    foreach ($clients as $name => $run) {
        $expected[$name] = $run($servers[$name]);
        show($name, is_array($expected[$name]));
    }
    $whole = ['split', 'delay', 'merge'];
    $parts = ['cut', 'reset', 'cutup'];
    $lengths = [0, 1, 5, 9, 17, 40, 123, 900, 2100, 2500];
    $specs = [];
    foreach (array_unique($servers) as $port) {
        foreach ($whole as $mode) {
            $specs[] = "$mode@$port";
        }
        foreach ($parts as $mode) {
            foreach ($lengths as $length) {
                $specs[] = "$mode:$length@$port";
            }
        }
    }
    $proxies = proxies($specs);

    foreach ($whole as $mode) {
        $same = [];
        foreach ($clients as $name => $run) {
            $same[$name] = fn () => $run($proxies["$mode@$servers[$name]"]) === $expected[$name];
        }
        show($mode, Coroutine\batch($same));
    }
    foreach ($parts as $mode) {
        $clean = [];
        foreach ($clients as $name => $run) {
            foreach ($lengths as $bytes) {
                $clean["$name:$bytes"] = function () use ($run, $mode, $bytes, $servers, $name, $expected, $proxies) {
                    $got = $run($proxies["$mode:$bytes@$servers[$name]"]);
                    // Never a result that is not the whole one, and no error without a code.
                    return $got === $expected[$name] || $got === 'end' || is_int($got) && $got !== 0 ? true : $got;
                };
            }
        }
        $bad = [];
        foreach (array_chunk($clean, 10, true) as $some) {
            $bad += array_filter(Coroutine\batch($some), fn ($got) => $got !== true);
        }
        show($mode, count($clean), $bad ?: 'clean');
    }
    $http->shutdown();
    $tcp->close();
});
?>
--EXPECT--
tcp true
http true
websocket true
http2 true
redis true
split {"tcp":true,"http":true,"websocket":true,"http2":true,"redis":true}
delay {"tcp":true,"http":true,"websocket":true,"http2":true,"redis":true}
merge {"tcp":true,"http":true,"websocket":true,"http2":true,"redis":true}
cut 50 clean
reset 50 clean
cutup 50 clean
