--TEST--
One request, one answer
--FILE--
<?php
require __DIR__ . '/../_lib/http.inc';
$server = TestServer::handler(function ($request, $response) {
    $response->end('hello');
});
$reply = $server->get('/');
show($reply->status, $reply->reason, $reply->body);
show($reply->header('Server'), $reply->header('Content-Type'), $reply->header('Content-Length'), $reply->header('Connection'));
show(abs(strtotime($reply->header('Date')) - time()) <= 2);
show($server->stop());
?>
--EXPECT--
200 OK hello
swoole-http-server text/html 5 keep-alive
true
exit 0
