--TEST--
An empty write() does not end the body
--FILE--
<?php
require __DIR__ . '/../_lib/http.inc';
$server = TestServer::handler(function ($request, $response) {
    $response->write('a');
    $empty = @$response->write('');
    $response->write('b');
    $response->end($empty ? 'true' : 'false');
});
show($server->get('/')->body);
?>
--EXPECT--
abfalse
