--TEST--
Query strings become arrays as in PHP
--FILE--
<?php
require __DIR__ . '/../_lib/http.inc';
$server = TestServer::handler(function ($request, $response) {
    $response->end(json_encode($request->get));
});
foreach (['/?a[]=1&a[]=2', '/?a[x][y]=1', '/?a.b=1&c+d=2', '/?a=1&a=2', '/?plus=a+b&empty=&flag', '/?a[=1'] as $path) {
    show($server->get($path)->body);
}
?>
--EXPECT--
{"a":["1","2"]}
{"a":{"x":{"y":"1"}}}
{"a_b":"1","c_d":"2"}
{"a":"2"}
{"plus":"a b","empty":"","flag":""}
{"a_":"1"}
