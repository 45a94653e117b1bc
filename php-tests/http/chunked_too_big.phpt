--TEST--
A chunked body beyond package_max_length
--FILE--
<?php
require __DIR__ . '/../_lib/http.inc';
$server = TestServer::handler(fn ($request, $response) => $response->end('accepted'), ['package_max_length' => 200000]);
$client = $server->client();
$client->send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
for ($i = 0; $i < 30; $i++) {
    $client->send("4000\r\n" . str_repeat('x', 0x4000) . "\r\n");
}
$client->send("0\r\n\r\n");
$reply = $client->reply();
show($reply === null || $reply->status === 413, $client->closed());
?>
--EXPECT--
true true
