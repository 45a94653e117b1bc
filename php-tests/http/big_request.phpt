--TEST--
A body near package_max_length, and one beyond
--FILE--
<?php
require __DIR__ . '/../_lib/http.inc';
$server = TestServer::handler(fn ($request, $response) => $response->end((string) strlen($request->rawContent())), ['package_max_length' => 4 << 20]);
show($server->get('/', [], 'POST', str_repeat('x', (4 << 20) - 1000))->body);
$client = $server->client();
$client->send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5000000\r\n\r\n" . str_repeat('x', 100000));
$reply = $client->reply();
show($reply?->status, $client->closed());
show($server->get('/', [], 'POST', 'after')->body);
?>
--EXPECT--
4193304
413 true
5
