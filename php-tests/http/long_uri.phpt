--TEST--
A request line beyond the limit: 414
--FILE--
<?php
require __DIR__ . '/../_lib/http.inc';
$server = TestServer::handler(fn ($request, $response) => $response->end('accepted'));
$client = $server->client();
$client->send('GET /' . str_repeat('a', 200000) . " HTTP/1.1\r\nHost: h\r\n\r\n");
$reply = $client->reply();
show($reply?->status, $client->closed());
?>
--EXPECT--
414 true
