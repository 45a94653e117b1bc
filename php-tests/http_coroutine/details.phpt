--TEST--
Coroutine\Http\Server: fields in the program's order, names that are no tokens, clients that speak no TLS, mistakes in fragments
--FILE--
<?php
require __DIR__ . '/../_lib/peer.inc';

use Swoole\Coroutine;
use Swoole\Coroutine\Client as Plain;
use Swoole\Coroutine\Http\{Client, Server};

Coroutine\run(function () {
    $server = new Server('127.0.0.1', 0);
    $server->handle('/', function ($request, $response) {
        $response->header('Connection', 'close');
        $response->header('X-Own', '1');
        $response->end();
    });
    $server->handle('/odd', function ($request, $response) {
        foreach (explode(' ', 'x( "q /s x[y]') as $n => $name) {
            $response->header($name, "value $n");
        }
        $response->end();
    });
    $server->handle('/ws', function ($request, $socket) {
        $socket->upgrade();
        $socket->recv();
        if ($request->get['what'] === 'inside') {
            $socket->push('one', WEBSOCKET_OPCODE_TEXT, 0);
            $socket->push('two', WEBSOCKET_OPCODE_TEXT, 0);
        } else {
            $socket->push('alone', WEBSOCKET_OPCODE_CONTINUATION, 0);
        }
        $socket->recv();
    });
    go(fn () => $server->start());
    $raw = function (string $path) use ($server) {
        $client = new Plain(SWOOLE_SOCK_TCP);
        $client->connect('127.0.0.1', $server->port);
        $client->send("GET $path HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
        for ($all = ''; ($piece = $client->recv(5)); $all .= $piece);
        return array_slice(explode("\r\n", rtrim($all)), 1);
    };
    show(array_map(fn ($line) => strtok($line, ':'), $raw('/')));
    show(array_slice($raw('/odd'), 0, 4));
    $client = new Client('127.0.0.1', $server->port);
    show('refused by us', $client->get('/odd'), $client->errMsg);

    $log = temp_path('.log');
    Coroutine::set(['log_file' => $log]);
    foreach (['inside', 'alone'] as $what) {
        $client = new Client('127.0.0.1', $server->port);
        $client->upgrade("/ws?what=$what");
        $client->push('go');
        show($client->recv(), $client->errCode);
    }
    $server->shutdown();

    [$cert, $key] = certificate();
    $server = new Server('127.0.0.1', 0, true);
    $server->set(['ssl_cert_file' => $cert, 'ssl_key_file' => $key]);
    $server->handle('/', fn ($request, $response) => $response->end('encrypted'));
    go(fn () => $server->start());
    $client = new Plain(SWOOLE_SOCK_TCP);
    $client->connect('127.0.0.1', $server->port);
    $client->send('hello world');
    while ($client->recv(5));
    $client = new Client('127.0.0.1', $server->port, true);
    $client->get('/');
    show($client->body);
    $server->shutdown();
    foreach (file($log, FILE_IGNORE_NEW_LINES) as $line) {
        echo preg_replace(['/^.*\t(?=\w+\t)/', '/:\d+\]/', '/reason=\d+.*/'], ['', ':port]', 'reason='], $line), "\n";
    }
});
ob_start();
phpinfo(INFO_MODULES);
show(preg_match('/openssl => OpenSSL \d+\.\d+/', ob_get_clean()));
?>
--EXPECT--
["Connection","X-Own","Server","Date","Content-Type","Content-Length"]
["X(: value 0","\"q: value 1","/s: value 2","X[y]: value 3"]
refused by us false Http invalid protocol
false 508
false 508
encrypted
WARNING	recv_frame() (ERRNO 508): All fragments of a message, except for the initial frame, must use the continuation frame opcode(0).
WARNING	recv_frame() (ERRNO 508): A continuation frame cannot stand alone and MUST be preceded by an initial frame whose opcode indicates either text or binary data.
WARNING	Socket::ssl_accept(): bad SSL client[127.0.0.1:port], reason=
1
