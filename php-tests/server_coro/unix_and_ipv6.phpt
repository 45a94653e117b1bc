--TEST--
Unix and IPv6 addresses, several servers in one process
--SKIPIF--
<?php @stream_socket_server('tcp://[::1]:0') or die('skip no IPv6'); ?>
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine\Server;
use Swoole\Coroutine\Socket;
use function Swoole\Coroutine\{go, run};
run(function () {
    $path = temp_path('.sock');
    foreach (["unix:$path" => [AF_UNIX, $path], '::1' => [AF_INET6, '::1']] as $host => [$type, $address]) {
        $server = new Server($host);
        show($server->type === $type, $server->host === $address);
        $server->handle(function ($connection) use ($server) {
            $connection->send(strtoupper($connection->recv()));
            $server->shutdown();
        });
        go(fn () => show('ended', $server->start()));
        $client = new Socket($type, SOCK_STREAM);
        $client->connect($address, $server->port);
        $client->send('hello');
        show($client->recv());
    }
});
?>
--EXPECT--
true true
ended true
HELLO
true true
ended true
HELLO
