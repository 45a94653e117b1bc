--TEST--
Expect: 100-continue
--FILE--
<?php
require __DIR__ . '/../_lib/http.inc';
$server = TestServer::handler(fn ($request, $response) => $response->end($request->rawContent()));
$client = $server->client();
$client->send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
show($client->reply()->status);
$client->send('hello');
$reply = $client->reply();
show($reply->status, $reply->body);
?>
--EXPECT--
100
200 hello
