--TEST--
A handler that never answers: the response ends with the object
--FILE--
<?php
require __DIR__ . '/../_lib/http.inc';
$server = TestServer::handler(function ($request, $response) {
    $response->header('X-Seen', 'yes');
});
$reply = $server->get('/');
show($reply->status, $reply->header('X-Seen'), $reply->body);
?>
--EXPECT--
500 yes 
