--TEST--
Answers keep the order of requests although a handler suspends
--FILE--
<?php
require __DIR__ . '/../_lib/http.inc';
$server = TestServer::handler(function ($request, $response) {
    if ($request->server['request_uri'] === '/slow') {
        Swoole\Coroutine::sleep(0.03);
    }
    $response->end($request->server['request_uri']);
});
$client = $server->client();
$client->send("GET /slow HTTP/1.1\r\nHost: h\r\n\r\nGET /fast HTTP/1.1\r\nHost: h\r\n\r\n");
show($client->reply()->body, $client->reply()->body);
?>
--EXPECT--
/slow /fast
