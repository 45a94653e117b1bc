--TEST--
Packets by their length, one coroutine a connection, shutdown() ends start()
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine\Server;
use Swoole\Coroutine\Server\Connection;
use Swoole\Coroutine\Socket;
use function Swoole\Coroutine\{go, run};
run(function () {
    $server = new Server('127.0.0.1');
    show($server->port > 0, $server->fd > 0, $server->type === AF_INET, $server->host, $server->setting);
    $framing = ['open_length_check' => true, 'package_length_type' => 'N', 'package_body_offset' => 4];
    $server->set($framing);
    $server->handle(function (Connection $connection) use ($server) {
        $count = 0;
        while (($packet = $connection->recv(2)) !== '') {
            $count++;
            $connection->send(pack('N', 3) . substr($packet, 4, 3));
        }
        show('packets', $count, $connection->exportSocket() instanceof Socket, $connection->close(), $connection->close());
        if ($count === 50) {
            show('shutdown', $server->shutdown());
        }
    });
    go(function () use ($server, $framing) {
        foreach ([3, 50] as $count) {
            $client = new Socket(AF_INET, SOCK_STREAM);
            $client->setProtocol($framing);
            $client->connect('127.0.0.1', $server->port);
            $client->sendAll(str_repeat(pack('N', 5) . 'hello', $count));
            for ($i = 0; $i < $count; $i++) {
                if ($client->recvPacket() !== "\0\0\0\3hel") {
                    show('wrong', $i);
                }
            }
            $client->close();
        }
    });
    show('start', $server->start(), $server->errCode);
});
?>
--EXPECT--
true true true 127.0.0.1 {"open_ssl":false}
packets 3 true true false
packets 50 true true false
start true 0
shutdown true
