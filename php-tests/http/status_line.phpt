--TEST--
status(), with a reason of its own, and unknown ones
--FILE--
<?php
require __DIR__ . '/../_lib/http.inc';
$server = TestServer::handler(function ($request, $response) {
    [, $status, $reason] = explode('/', $request->server['request_uri']) + [2 => ''];
    $reason === '' ? $response->status((int) $status) : $response->status((int) $status, $reason);
    $response->end('body');
});
foreach (['200', '201', '404', '418', '500', '503', '299', '200/Fine'] as $status) {
    $reply = $server->get("/$status");
    show($reply->status, $reply->reason, $reply->body);
}
?>
--EXPECT--
200 OK body
201 Created body
404 Not Found body
418 I'm a teapot body
500 Internal Server Error body
503 Service Unavailable body
299 Unknown Status body
200 Fine body
