--TEST--
trailer() is HTTP/2's; the body of HTTP/1.1 is whole without
--FILE--
<?php
require __DIR__ . '/../_lib/http.inc';
$server = TestServer::handler(function ($request, $response) {
    @$response->trailer('X-T', 'v');
    $response->end('body');
});
show($server->get('/')->body);
?>
--EXPECT--
body
