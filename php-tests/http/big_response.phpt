--TEST--
A body of many megabytes, read slowly
--FILE--
<?php
require __DIR__ . '/../_lib/http.inc';
$server = TestServer::handler(function ($request, $response) {
    $response->end(str_repeat('0123456789abcdef', 1 << 19));
});
$client = $server->client();
$client->request('GET', '/');
usleep(100000);
$reply = $client->reply();
show(strlen($reply->body), md5($reply->body) === md5(str_repeat('0123456789abcdef', 1 << 19)));
?>
--EXPECT--
8388608 true
