--TEST--
WebSocket with Python's websockets: our client with its server, its client with our coroutine server
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';

use Swoole\Coroutine;
use Swoole\Coroutine\Http\{Client, Server};

/** The system's Python, whose package it is. */
const PYTHON = '/usr/bin/python3';

Coroutine\run(function () {
    Swoole\Runtime::enableCoroutine();
    foreach (['plain', 'deflate'] as $mode) {
        $process = proc_open([PYTHON, __DIR__ . '/websockets_server.py', $mode], [['pipe', 'r'], ['pipe', 'w'], ['file', '/dev/null', 'w']], $pipes);
        $client = new Client('127.0.0.1', (int) fgets($pipes[1]));
        $client->set(['timeout' => 5, 'websocket_compression' => $mode === 'deflate', 'open_websocket_close_frame' => true]);
        show($mode, $client->upgrade('/'), isset($client->headers['sec-websocket-extensions']));
        foreach (['hello', str_repeat('0123456789', 20000), ''] as $text) {
            $client->push($text);
            $got = $client->recv()->data;
            show(strlen($got), $got === strrev($text));
        }
        $client->push($bytes = random_bytes(70000), WEBSOCKET_OPCODE_BINARY);
        $frame = $client->recv();
        show($frame->opcode === WEBSOCKET_OPCODE_BINARY, $frame->data === $bytes);
        $client->push('ping');
        show($client->recv()->data);
        $client->push('close');
        $frame = $client->recv();
        show($frame instanceof Swoole\WebSocket\CloseFrame, $frame->code, $frame->reason);
        $client->close();
        fclose($pipes[0]);
        proc_close($process);
    }

    $server = new Server('127.0.0.1', 0);
    $server->set(['websocket_compression' => true]);
    $server->handle('/echo', function ($request, $socket) {
        $socket->upgrade();
        while (($frame = $socket->recv()) && $frame->data !== 'bye') {
            $socket->push($frame->data, $frame->opcode);
        }
    });
    $server->handle('/echo/none', function ($request, $response) {
        $response->status(403);
        $response->end();
    });
    go(fn () => $server->start());
    echo shell_exec(PYTHON . ' ' . __DIR__ . "/websockets_client.py ws://127.0.0.1:$server->port/echo 2>&1");
    $server->shutdown();
});
?>
--EXPECT--
plain true false
5 true
200000 true
0 true
true true
ponged
true 4001 as you wish
deflate true true
5 true
200000 true
0 true
true true
ponged
true 4001 as you wish
extensions []
True
True
True
True
in three fragments
pong
1000
extensions ['permessage-deflate']
True
True
True
True
in three fragments
pong
1000
refused 403
