--TEST--
A WebSocket closed by its client's close frame counts as closed by the client; a broken frame length resets a plain connection
--FILE--
<?php
require __DIR__ . '/../_lib/server.inc';
$told = temp_path();
$child = Child::fork(function (callable $ready) use ($told, &$port) {
    $server = new Swoole\WebSocket\Server('127.0.0.1', 0, SWOOLE_BASE);
    $server->set(['worker_num' => 1, 'log_level' => SWOOLE_LOG_NONE]);
    $server->on('WorkerStart', fn ($server) => $ready((string) $server->port));
    $server->on('message', fn ($server, $frame) => $server->disconnect($frame->fd));
    $server->on('close', fn ($server, $fd, $reactor) => file_put_contents($told, "$reactor\n", FILE_APPEND));
    $server->start();
});
$port = (int) $child->line();
// Before this process has a loop of its own.
$served = Served::start(fn ($server) => $server->on('receive', fn () => null), [
    'open_length_check' => true, 'package_length_type' => 'N', 'package_body_offset' => 4, 'package_max_length' => 1024]);
Swoole\Coroutine\run(function () use ($port) {
    foreach (['close', 'message'] as $what) {
        $client = new Swoole\Coroutine\Http\Client('127.0.0.1', $port);
        $client->upgrade('/');
        $what === 'close' ? $client->disconnect() : $client->push('go');
        while ($client->recv(5));
        $client->close();
    }
});
eventually(fn () => substr_count((string) file_get_contents($told), "\n") === 2);
echo file_get_contents($told), $child->stop(), "\n";

Swoole\Coroutine\run(function () use ($served) {
    $client = new Swoole\Coroutine\Client(SWOOLE_SOCK_TCP);
    $client->connect('127.0.0.1', $served->port);
    $client->send("hello world\n");
    show($client->recv(5), $client->errCode === SOCKET_ECONNRESET);
});
show($served->child->stop());
?>
--EXPECT--
0
-1
exit 0
false true
exit 0
