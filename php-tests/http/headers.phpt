--TEST--
Header names in lower case, values without leading blanks, a doubled one as a list
--FILE--
<?php
require __DIR__ . '/../_lib/http.inc';
$server = TestServer::handler(function ($request, $response) {
    ksort($request->header);
    $response->end(json_encode($request->header));
});
$client = $server->client();
$client->send("GET / HTTP/1.1\r\nHost: localhost\r\nX-Mixed-CASE:   spaced\r\nX-Empty:\r\nX-Twice: a\r\nX-Twice: b\r\nx-number: 1\r\n\r\n");
show($client->reply()->body);
?>
--EXPECT--
{"host":"localhost","x-empty":"","x-mixed-case":"spaced","x-number":"1","x-twice":["a","b"]}
