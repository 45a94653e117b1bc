--TEST--
redirect()
--FILE--
<?php
require __DIR__ . '/../_lib/http.inc';
$server = TestServer::handler(function ($request, $response) {
    $request->server['request_uri'] === '/301' ? $response->redirect('/new', 301) : $response->redirect('/found');
});
foreach (['/301', '/302'] as $path) {
    $reply = $server->get($path);
    show($reply->status, $reply->header('Location'), $reply->body);
}
?>
--EXPECT--
301 /new 
302 /found 
