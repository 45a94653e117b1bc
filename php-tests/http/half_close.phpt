--TEST--
A client that closes its writing side still gets its answer or is dropped, and the worker goes on
--FILE--
<?php
require __DIR__ . '/../_lib/http.inc';
$server = TestServer::handler(fn ($request, $response) => $response->end('served'));
for ($i = 0; $i < 3; $i++) {
    $client = $server->client();
    $client->request('GET', '/');
    $client->shutdown();
    $reply = $client->reply();
    show($reply === null || $reply->body === 'served');
}
show($server->get('/')->body);
?>
--EXPECT--
true
true
true
served
