--TEST--
A line break in a header does not make a second one
--FILE--
<?php
require __DIR__ . '/../_lib/http.inc';
$server = TestServer::handler(function ($request, $response) {
    @$response->header('X-A', "value\r\nX-Evil: 1");
    @$response->header("X-B\r\nX-Evil: 2", 'value');
    @$response->end('body');
});
$reply = $server->get('/');
show($reply->status, $reply->all('X-Evil'), $reply->body);
?>
--EXPECT--
200 [] body
