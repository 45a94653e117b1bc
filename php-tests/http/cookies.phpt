--TEST--
Cookies of a request, decoded
--FILE--
<?php
require __DIR__ . '/../_lib/http.inc';
$server = TestServer::handler(function ($request, $response) {
    $response->end(json_encode($request->cookie));
});
show($server->get('/', ['Cookie' => 'a=1; b=two%20words; c=; d'])->body);
show($server->get('/', ['Cookie' => 'same=1; same=2'])->body);
show($server->get('/')->body);
?>
--EXPECT--
{"a":"1","b":"two words","c":"","d":""}
{"same":"1"}
null
