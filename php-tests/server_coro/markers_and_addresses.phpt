--TEST--
Every end marker ends a packet, also where more bytes follow; ports and hosts that are none are told
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine\{Server, Socket};
use Swoole\Coroutine\Http\Server as HttpServer;
use function Swoole\Coroutine\{go, run};
run(function () {
    $server = new Server('127.0.0.1');
    $server->set(['open_eof_check' => true, 'package_eof' => "\n"]);
    $server->handle(function ($connection) use ($server) {
        $packets = [];
        while (($packet = $connection->recv(2)) !== '') {
            $packets[] = $packet;
        }
        show($packets);
        $connection->close();
        $server->shutdown();
    });
    go(function () use ($server) {
        $client = new Socket(AF_INET, SOCK_STREAM);
        $client->connect('127.0.0.1', $server->port);
        $client->sendAll("one\ntwo\nthr");
        $client->shutdown(1);
        $client->recv();
    });
    $server->start();
    foreach ([['127.0.0.1', -1], ['127.0.0.1', 70000], ['nowhere', 0]] as [$host, $port]) {
        thrown(fn () => new Server($host, $port));
        thrown(fn () => new HttpServer($host, $port));
        $socket = new Socket(AF_INET, SOCK_STREAM);
        show($socket->bind($host, $port), $socket->errCode, $socket->errMsg);
    }
    foreach (['unix:', 'unix://'] as $scheme) {
        $path = temp_path('.sock');
        $http = new HttpServer($scheme . $path);
        $http->handle('/', fn ($request, $response) => $response->end('over a socket file'));
        go(fn () => $http->start());
        $client = new Swoole\Coroutine\Http\Client("unix:$path");
        $client->get('/');
        show($client->body);
        $http->shutdown();
    }
});
?>
--EXPECT--
["one\n","two\n"]
Swoole\Exception(723): bind(127.0.0.1:-1) failed
Swoole\Exception(723): bind(127.0.0.1:-1) failed
false 723 Bad port
Swoole\Exception(723): bind(127.0.0.1:70000) failed
Swoole\Exception(723): bind(127.0.0.1:70000) failed
false 723 Bad port
Swoole\Exception(722): bind(nowhere:0) failed
Swoole\Exception(722): bind(nowhere:0) failed
false 722 Bad host addr
over a socket file
over a socket file
