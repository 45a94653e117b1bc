--TEST--
Coroutine\Http\Server: handlers by path, bodies, WebSocket, shutdown
--FILE--
<?php
use Swoole\Coroutine\Http\{Client, Server};
Swoole\Coroutine\run(function () {
    $server = new Server('127.0.0.1', 0);
    $server->handle('/', fn ($request, $response) => $response->end('root ' . $request->server['request_uri']));
    $server->handle('/form', fn ($request, $response) => $response->end(json_encode($request->post)));
    $server->handle('/form/deep', fn ($request, $response) => $response->end('deep'));
    $server->handle('/ws', function ($request, $socket) {
        var_dump($socket->upgrade());
        while ($frame = $socket->recv()) {
            $socket->push("re: $frame->data");
        }
        var_dump($frame);
    });
    go(function () use ($server) {
        $client = new Client('127.0.0.1', $server->port);
        foreach (['/abc', '/form/deep/er'] as $path) {
            $client->get($path);
            var_dump($client->body);
        }
        $client->post('/form', ['a' => ['b' => 'c']]);
        var_dump($client->body);
        $socket = new Client('127.0.0.1', $server->port);
        var_dump($socket->upgrade('/ws'), $socket->push('hello'), $socket->recv()->data);
        $socket->close();
        Swoole\Coroutine::sleep(0.02);
        $server->shutdown();
    });
    var_dump($server->start());
});
?>
--EXPECT--
string(9) "root /abc"
string(4) "deep"
string(15) "{"a":{"b":"c"}}"
bool(true)
bool(true)
bool(true)
string(9) "re: hello"
string(0) ""
bool(true)
