<?php
require __DIR__ . '/_lib.php';

use Swoole\Coroutine;
use Swoole\Coroutine\Http\Server;
use Swoole\Coroutine\Socket;

/** A Redis of our own on a unix socket; none where it is not installed. */
function redis_server(): ?string
{
    static $process, $pipes;
    $path = sys_get_temp_dir() . '/swoole-bench-' . getmypid() . '.sock';
    if (!is_executable('/usr/bin/redis-server')) {
        return null;
    }
    $process = proc_open(['redis-server', '--port', '0', '--unixsocket', $path, '--save', '', '--appendonly', 'no'],
        [['file', '/dev/null', 'r'], ['file', '/dev/null', 'w'], ['file', '/dev/null', 'w']], $pipes);
    for ($try = 0; $try < 500 && !file_exists($path); $try++) {
        usleep(10000);
    }
    register_shutdown_function(function () use (&$process, $path) {
        proc_terminate($process);
        proc_close($process);
        @unlink($path);
    });
    return $path;
}

$redis_path = class_exists(Coroutine\Redis::class) ? redis_server() : null;

Coroutine\run(function () use ($redis_path) {
    // Both ends are in this process: the figures are those of a whole round trip.
    $listener = new Socket(AF_INET, SOCK_STREAM, 0);
    $listener->bind('127.0.0.1');
    $listener->listen();
    go(function () use ($listener) {
        $connection = $listener->accept();
        while (($data = $connection->recv()) !== '' && $data !== false) {
            $connection->send($data);
        }
    });
    $socket = new Socket(AF_INET, SOCK_STREAM, 0);
    $socket->connect('127.0.0.1', $listener->getsockname()['port']);
    bench('socket: echo of 100 bytes', 100000, function (int $n) use ($socket) {
        $message = str_repeat('x', 100);
        while ($n-- > 0) {
            $socket->send($message);
            $socket->recv();
        }
    });
    $socket->close();

    // The other extension's listener tells its port only when it was asked for.
    $probe = new Socket(AF_INET, SOCK_STREAM, 0);
    $probe->bind('127.0.0.1');
    $port = $probe->getsockname()['port'];
    $probe->close();
    $server = new Server('127.0.0.1', $port);
    $server->handle('/', fn ($request, $response) => $response->end('Hello, world'));
    go(fn () => $server->start());
    $client = new Coroutine\Http2\Client('127.0.0.1', $port);
    $client->connect();
    bench('http2: 20 streams at a time, client and server', 20000, function (int $n) use ($client) {
        $request = new Swoole\Http2\Request;
        for ($done = 0; $done < $n; $done += 20) {
            for ($i = 0; $i < 20; $i++) {
                $client->send($request);
            }
            for ($i = 0; $i < 20; $i++) {
                $client->recv();
            }
        }
    });
    $client->close();
    $http = new Coroutine\Http\Client('127.0.0.1', $port);
    bench('http: request and answer, client and server', 40000, function (int $n) use ($http) {
        while ($n-- > 0) {
            $http->get('/');
        }
    });
    $http->close();
    $server->shutdown();

    if ($redis_path !== null) {
        $redis = new Coroutine\Redis;
        $redis->connect("unix:$redis_path");
        bench('redis: one command at a time', 50000, function (int $n) use ($redis) {
            while ($n-- > 0) {
                $redis->incr('n');
            }
        });
        $redis->setDefer();
        bench('redis: 100 deferred commands', 200000, function (int $n) use ($redis) {
            for ($done = 0; $done < $n; $done += 100) {
                for ($i = 0; $i < 100; $i++) {
                    $redis->incr('n');
                }
                for ($i = 0; $i < 100; $i++) {
                    $redis->recv();
                }
            }
        });
        $redis->close();
    }
});
