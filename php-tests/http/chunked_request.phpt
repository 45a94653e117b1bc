--TEST--
A chunked body, in pieces of every size
--FILE--
<?php
require __DIR__ . '/../_lib/http.inc';
$server = TestServer::handler(fn ($request, $response) => $response->end(strlen($request->rawContent()) . ' ' . md5($request->rawContent())));
$data = random_bytes(30000);
$client = $server->client();
$client->send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
foreach ([1, 2, 10, 255, 256, 4096, 25380] as $size) {
    $part = substr($data, $offset ?? 0, $size);
    $offset = ($offset ?? 0) + $size;
    $client->send(dechex(strlen($part)) . "\r\n$part\r\n");
    usleep(2000);
}
$client->send("0\r\n\r\n");
show($offset, $client->reply()->body === '30000 ' . md5($data));
?>
--EXPECT--
30000 true
