--TEST--
Keep-alive, reconnecting, retries, deferred answers
--FILE--
<?php
require __DIR__ . '/../_lib/peer.inc';
use Swoole\Coroutine;
use Swoole\Coroutine\Http\Client;
use function Swoole\Coroutine\run;
run(function () {
    $connections = 0;
    $asked = 0;
    $server = listen(function ($connection) use (&$connections, &$asked) {
        $own = ++$connections;
        while (($request = read_request($connection)) !== '') {
            $path = explode(' ', $request)[1];
            if ($path === '/bye') {
                $connection->sendAll(answer("connection $own", "Connection: close\r\n"));
                break;
            }
            if ($path === '/leave') {
                $connection->sendAll(answer("connection $own"));
                break;
            }
            if ($path === '/busy') {
                $connection->sendAll(++$asked < 3 ? answer('busy', '', '503 Busy') : answer("asked $asked"));
                continue;
            }
            if ($path === '/slow') {
                Coroutine::sleep(0.1);
            }
            $connection->sendAll(answer("connection $own"));
        }
        $connection->close();
    });
    $client = new Client('127.0.0.1', port_of($server));
    $client->set(['timeout' => 2]);
    foreach (['/', '/', '/bye', '/', '/leave'] as $path) {
        show($path, $client->get($path), $client->body, $client->connected);
    }
    Coroutine::sleep(0.02);
    show('after the server left', $client->get('/'), $client->body);
    $client->set(['max_retries' => 5]);
    show('retries', $client->get('/busy'), $client->body);
    $clients = [];
    took(elapsed(function () use (&$clients, $server) {
        for ($i = 0; $i < 5; $i++) {
            $clients[] = $each = new Client('127.0.0.1', port_of($server));
            $each->setDefer();
            show($each->getDefer(), $each->get('/slow'), $each->body);
        }
        foreach ($clients as $each) {
            $each->recv(1);
        }
    }), 100);
    show(array_map(fn ($each) => $each->statusCode, $clients), $clients[0]->recv());
    $server->close();
});
?>
--EXPECT--
/ true connection 1 true
/ true connection 1 true
/bye true connection 1 false
/ true connection 2 true
/leave true connection 2 true
after the server left true connection 3
retries true asked 3
true true 
true true 
true true 
true true 
true true 
took about 100 ms
[200,200,200,200,200] false
