--TEST--
Headers beyond the limit: 431
--FILE--
<?php
require __DIR__ . '/../_lib/http.inc';
$server = TestServer::handler(fn ($request, $response) => $response->end('accepted'));
$client = $server->client();
$client->send("GET / HTTP/1.1\r\nHost: h\r\n" . str_repeat('X-Long: ' . str_repeat('v', 1000) . "\r\n", 300) . "\r\n");
$reply = $client->reply();
show($reply?->status, $client->closed());
show($server->get('/', ['X-Long' => str_repeat('v', 4000)])->body);
?>
--EXPECT--
431 true
accepted
