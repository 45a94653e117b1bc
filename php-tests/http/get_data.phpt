--TEST--
getData() is the request as it came
--FILE--
<?php
require __DIR__ . '/../_lib/http.inc';
$server = TestServer::handler(function ($request, $response) {
    $response->end($request->getData());
});
$client = $server->client();
$bytes = "POST /path?x=1 HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nX-A: b\r\n\r\nbody";
$client->send($bytes);
show($client->reply()->body === $bytes);
?>
--EXPECT--
true
