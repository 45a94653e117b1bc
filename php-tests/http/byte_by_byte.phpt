--TEST--
A request that comes byte by byte
--FILE--
<?php
require __DIR__ . '/../_lib/http.inc';
$server = TestServer::handler(fn ($request, $response) => $response->end($request->rawContent() . $request->header['x-a']));
$client = $server->client();
foreach (str_split("POST /x HTTP/1.1\r\nHost: h\r\nX-A: value\r\nContent-Length: 5\r\n\r\nhello") as $byte) {
    $client->send($byte);
    usleep(300);
}
show($client->reply()->body);
?>
--EXPECT--
hellovalue
