--TEST--
rawContent() and getContent() give the body of any type
--FILE--
<?php
require __DIR__ . '/../_lib/http.inc';
$server = TestServer::handler(function ($request, $response) {
    $response->end(md5($request->rawContent()) . ' ' . ($request->getContent() === $request->rawContent() ? 'same' : 'other'));
});
$body = random_bytes(50000);
show($server->get('/', ['Content-Type' => 'application/octet-stream'], 'POST', $body)->body === md5($body) . ' same');
show($server->get('/', ['Content-Type' => 'application/octet-stream'], 'PUT', 'x')->body === md5('x') . ' same');
show($server->get('/')->body === md5('') . ' same');
?>
--EXPECT--
true
true
true
