--TEST--
header(): order, replacement, lists, and what may not be sent
--FILE--
<?php
require __DIR__ . '/../_lib/http.inc';
$server = TestServer::handler(function ($request, $response) {
    $results = [
        $response->header('X-One', '1'),
        $response->header('x-lower', 'as it is', false),
        $response->header('X-Replaced', 'old'),
        $response->header('X-Replaced', 'new'),
        $response->header('X-List', ['a', 'b']),
        $response->header('X-Number', 42),
        $response->header('Content-Type', 'text/plain'),
        $response->header('Server', 'mine'),
    ];
    $response->end(json_encode($results));
});
$reply = $server->get('/');
show($reply->body);
foreach (['X-One', 'x-lower', 'X-Replaced', 'X-List', 'X-Number', 'Content-Type', 'Server'] as $name) {
    show($name, $reply->all($name));
}
?>
--EXPECT--
[true,true,true,true,true,true,true,true]
X-One ["1"]
x-lower ["as it is"]
X-Replaced ["new"]
X-List ["a","b"]
X-Number ["42"]
Content-Type ["text/plain"]
Server ["mine"]
