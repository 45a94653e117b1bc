--TEST--
Bytes one by one, in pieces, late, merged, cut off: each protocol gives the same, or a clean error
--FILE--
<?php
require __DIR__ . '/../_lib/peer.inc';

use Swoole\Coroutine;
use Swoole\Coroutine\{Client, MySQL, PostgreSQL, Redis, Server};
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
    $lines = ['open_eof_split' => true, 'package_eof' => "\r\n", 'package_max_length' => 1 << 16];
    $serve = function (array $settings, callable $answer) {
        $server = new Server('127.0.0.1', 0);
        $server->set($settings);
        $server->handle(function (Server\Connection $connection) use ($answer) {
            while ($packet = $connection->recv()) {
                $connection->send($answer($packet));
            }
            $connection->close();
        });
        go(fn () => $server->start());
        return $server;
    };
    $length = $serve($framed, fn ($packet) => $packet . pack('N', 2) . 'ok');
    $eof = $serve($lines, fn ($line) => strrev(rtrim($line)) . "\r\n" . "ok\r\n");
    $http = new HttpServer('127.0.0.1', 0);
    $http->set(['websocket_compression' => true]);
    $http->handle('/', function ($request, $response) {
        $response->header('X-Length', (string) strlen($request->rawContent()));
        foreach (str_split($request->rawContent(), 700) as $piece) {
            $response->write($piece);
        }
        $response->end();
    });
    $http->handle('/plain', function ($request, $response) {
        $response->header('X-Length', (string) strlen($request->rawContent()));
        $response->end($request->rawContent());
    });
    $http->handle('/ws', function ($request, $socket) {
        $socket->upgrade();
        while (($frame = $socket->recv()) && $frame->opcode !== WEBSOCKET_OPCODE_CLOSE) {
            $socket->push($frame->data, $frame->opcode);
            $socket->push(strrev($frame->data), $frame->opcode);
        }
    });
    go(fn () => $http->start());
    $servers = ['length' => $length->port, 'eof' => $eof->port, 'http' => $http->port, 'chunked' => $http->port, 'websocket' => $http->port,
        'http2' => $http->port, 'redis' => (int) getenv('TEST_REDIS_PORT'), 'mysql' => (int) getenv('TEST_MYSQL_PORT'),
        'postgresql' => (int) getenv('TEST_PGSQL_PORT')];
    $posts = fn (string $path) => function (int $port) use ($path, $body) {
        $client = new HttpClient('127.0.0.1', $port);
        $client->set(['timeout' => 5]);
        $got = [];
        foreach ([$body, 'short', $body] as $text) {
            if (!$client->post($path, $text)) {
                return $client->errCode;
            }
            $got[] = [$client->statusCode, $client->headers['x-length'], isset($client->headers['content-length']), md5($client->body)];
        }
        return $got;
    };

    // Each gives what it got, or false and an error code.
    $clients = [
        'length' => function (int $port) use ($framed, $body) {
            $client = new Client(SWOOLE_SOCK_TCP);
            $client->set($framed + ['timeout' => 5]);
            if (!$client->connect('127.0.0.1', $port) || !$client->send(pack('N', strlen($body)) . $body)) {
                return $client->errCode;
            }
            $got = [$client->recv(), $client->recv()];
            // The end of the stream is an empty string.
            return in_array(false, $got, true) ? $client->errCode : (in_array('', $got, true) ? 'end' : $got);
        },
        'eof' => function (int $port) use ($lines, $body) {
            $client = new Client(SWOOLE_SOCK_TCP);
            $client->set($lines + ['timeout' => 5]);
            if (!$client->connect('127.0.0.1', $port)) {
                return $client->errCode;
            }
            $got = [];
            foreach ([$body, 'short', $body] as $line) {
                if (!$client->send("$line\r\n")) {
                    return $client->errCode;
                }
            }
            for ($n = 0; $n < 6; $n++) {
                $got[] = $packet = $client->recv();
                if (!$packet) {
                    return $packet === '' ? 'end' : $client->errCode;
                }
            }
            return $got;
        },
        'http' => $posts('/plain'),
        'chunked' => $posts('/'),
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

    $clients['mysql'] = function (int $port) use ($body) {
        $mysql = new MySQL;
        $login = ['host' => '127.0.0.1', 'port' => $port, 'timeout' => 5];
        foreach (['user', 'password', 'database'] as $name) {
            $login[$name] = getenv('TEST_MYSQL_' . strtoupper($name));
        }
        if (!$mysql->connect($login)) {
            return $mysql->connect_errno;
        }
        $got = [];
        foreach ([fn () => $mysql->query('SELECT seq, REPEAT("x", seq) AS x FROM seq_1_to_40', 5), fn () => $mysql->query('SELEC', 5), fn () => $mysql->prepare('SELECT ? AS a, NULL AS b', 5)] as $ask) {
            $got[] = $answer = $ask();
            if ($answer === false && $mysql->errno !== 1064) {
                return $mysql->errno;
            }
        }
        $statement = array_pop($got);
        $got[] = $statement->execute([$body], 5);
        return end($got) === false ? $statement->errno : $got;
    };
    $clients['postgresql'] = function (int $port) use ($body) {
        $pg = new PostgreSQL;
        $login = "host=127.0.0.1 port=$port";
        foreach (['user' => 'USER', 'password' => 'PASSWORD', 'dbname' => 'DATABASE'] as $name => $variable) {
            $login .= " $name=" . getenv("TEST_PGSQL_$variable");
        }
        if (!$pg->connect($login, 5)) {
            return $pg->errCode;
        }
        $got = [];
        foreach (["SELECT n, repeat('x', n) AS x, NULL AS nothing FROM generate_series(1, 40) AS n", 'SELEC'] as $sql) {
            $result = $pg->query($sql);
            if (!$result && ($pg->resultDiag['sqlstate'] ?? '') !== '42601') {
                return $pg->errCode;
            }
            $got[] = $result ? $result->fetchAll() : $pg->resultDiag;
        }
        $statement = $pg->prepare('SELECT $1::text AS a, $2::int AS b');
        if (!$statement || !$statement->execute([$body, 7])) {
            return ($statement ?: $pg)->errCode;
        }
        return [...$got, $statement->fetchAll()];
    };

    // None of them waits for ever.
    Coroutine::set(['socket_timeout' => 5]);
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
            foreach ($lengths as $bytes) {
                $specs[] = "$mode:$bytes@$port";
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
    foreach ([$http, $length, $eof] as $server) {
        $server->shutdown();
    }
});
?>
--EXPECT--
length true
eof true
http true
chunked true
websocket true
http2 true
redis true
mysql true
postgresql true
split {"length":true,"eof":true,"http":true,"chunked":true,"websocket":true,"http2":true,"redis":true,"mysql":true,"postgresql":true}
delay {"length":true,"eof":true,"http":true,"chunked":true,"websocket":true,"http2":true,"redis":true,"mysql":true,"postgresql":true}
merge {"length":true,"eof":true,"http":true,"chunked":true,"websocket":true,"http2":true,"redis":true,"mysql":true,"postgresql":true}
cut 90 clean
reset 90 clean
cutup 90 clean
