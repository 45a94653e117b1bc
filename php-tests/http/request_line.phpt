--TEST--
Method, path, query and protocol in $request->server
--FILE--
<?php
require __DIR__ . '/../_lib/http.inc';
$server = TestServer::handler(function ($request, $response) {
    $s = $request->server;
    $response->end(json_encode([$s['request_method'], $s['request_uri'], $s['path_info'], $s['query_string'] ?? null, $s['server_protocol'], $request->getMethod(), $request->get], JSON_UNESCAPED_SLASHES));
});
foreach ([['GET', '/'], ['GET', '/a/b?x=1&y=two'], ['DELETE', '/x?'], ['OPTIONS', '/o'], ['PATCH', '/p'], ['GET', '/a%20b?q=%C3%A9']] as [$method, $path]) {
    show($server->get($path, [], $method)->body);
}
?>
--EXPECT--
["GET","/","/",null,"HTTP/1.1","GET",null]
["GET","/a/b","/a/b","x=1&y=two","HTTP/1.1","GET",{"x":"1","y":"two"}]
["DELETE","/x","/x",null,"HTTP/1.1","DELETE",null]
["OPTIONS","/o","/o",null,"HTTP/1.1","OPTIONS",null]
["PATCH","/p","/p",null,"HTTP/1.1","PATCH",null]
["GET","/a%20b","/a b","q=%C3%A9","HTTP/1.1","GET",{"q":"\u00e9"}]
