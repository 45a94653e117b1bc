--TEST--
Chunk extensions and trailers are passed over
--FILE--
<?php
require __DIR__ . '/../_lib/http.inc';
$server = TestServer::handler(fn ($request, $response) => $response->end($request->rawContent()));
$client = $server->client();
$client->send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n4;name=value\r\nWiki\r\n5\r\npedia\r\n0\r\nX-Trailer: t\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n");
show($client->reply()->body, $client->reply()->status);
?>
--EXPECT--
Wikipedia 200
