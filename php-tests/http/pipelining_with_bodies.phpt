--TEST--
Pipelined requests with bodies of both kinds
--FILE--
<?php
require __DIR__ . '/../_lib/http.inc';
$server = TestServer::handler(fn ($request, $response) => $response->end($request->server['request_method'] . ':' . $request->rawContent()));
$client = $server->client();
$client->send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabcPOST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\ndef\r\n0\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n");
show($client->reply()->body, $client->reply()->body, $client->reply()->body);
?>
--EXPECT--
POST:abc POST:def GET:
