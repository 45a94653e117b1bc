<?php
/** A coroutine server on a free port, which it prints. */
use Swoole\Coroutine\Http\Server;

Swoole\Coroutine\run(function () {
    $server = new Server('127.0.0.1', 0);
    $server->set(['http_compression' => false]);
    $server->handle('/', fn ($request, $response) => $response->end('Hello, world'));
    echo "$server->port\n";
    $server->start();
});
