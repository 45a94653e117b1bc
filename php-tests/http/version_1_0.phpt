--TEST--
HTTP/1.0 closes, unless it asks for keep-alive
--FILE--
<?php
require __DIR__ . '/../_lib/http.inc';
$server = TestServer::handler(fn ($request, $response) => $response->end($request->server['server_protocol']));
$client = $server->client();
$client->send("GET / HTTP/1.0\r\n\r\n");
$reply = $client->reply();
show($reply->body, $reply->header('Connection'), $client->closed());
$client = $server->client();
$client->send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
$reply = $client->reply();
show($reply->body, $reply->header('Connection'));
$client->send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
show($client->reply()->body);
?>
--EXPECT--
HTTP/1.0 close true
HTTP/1.0 keep-alive
HTTP/1.0
