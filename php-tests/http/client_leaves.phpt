--TEST--
A client that leaves before the answer harms nobody
--FILE--
<?php
require __DIR__ . '/../_lib/http.inc';
$server = TestServer::handler(function ($request, $response) {
    if ($request->server['request_uri'] === '/slow') {
        Swoole\Coroutine::sleep(0.03);
        $response->isWritable();
        show('sent', @$response->end(str_repeat('x', 100000)));
        return;
    }
    $response->end('next');
});
$client = $server->client();
$client->request('GET', '/slow');
usleep(5000);
$client->close();
usleep(60000);
show($server->get('/')->body);
?>
--EXPECT--
sent false
next
