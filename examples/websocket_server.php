<?php
/** A chat room: open http://127.0.0.1:9504/ in two windows. */
use Swoole\Http\{Request, Response};
use Swoole\WebSocket\{Frame, Server};

$server = new Server('127.0.0.1', 9504, SWOOLE_BASE);
$server->set(['worker_num' => 1]);

$server->on('Open', function (Server $server, Request $request) {
    $server->push($request->fd, "you are number $request->fd");
});
$server->on('Message', function (Server $server, Frame $frame) {
    foreach ($server->connections as $fd) {
        if ($server->isEstablished($fd)) {
            $server->push($fd, "$frame->fd: $frame->data");
        }
    }
});
$server->on('Request', function (Request $request, Response $response) {
    $response->header('Content-Type', 'text/html; charset=utf-8');
    $response->end(<<<'HTML'
        <!doctype html><title>chat</title><input id="line" autofocus><pre id="log"></pre>
        <script>
        const socket = new WebSocket(`ws://${location.host}/`);
        socket.onmessage = event => log.textContent += event.data + "\n";
        line.onchange = () => { socket.send(line.value); line.value = ""; };
        </script>
        HTML);
});
$server->start();
