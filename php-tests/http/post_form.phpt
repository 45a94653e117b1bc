--TEST--
A form body
--FILE--
<?php
require __DIR__ . '/../_lib/http.inc';
$server = TestServer::handler(function ($request, $response) {
    $response->end(json_encode([$request->post, strlen($request->rawContent())]));
});
show($server->get('/', ['Content-Type' => 'application/x-www-form-urlencoded'], 'POST', 'a=1&b[]=2&b[]=3&c=%26')->body);
show($server->get('/', ['Content-Type' => 'application/x-www-form-urlencoded; charset=utf-8'], 'POST', 'x=y')->body);
show($server->get('/', ['Content-Type' => 'application/json'], 'POST', '{"a":1}')->body);
show($server->get('/', ['Content-Type' => 'application/x-www-form-urlencoded'], 'POST', '')->body);
?>
--EXPECT--
[{"a":"1","b":["2","3"],"c":"&"},21]
[{"x":"y"},3]
[null,7]
[null,0]
