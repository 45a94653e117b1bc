--TEST--
http_compression off, and its minimal length
--FILE--
<?php
require __DIR__ . '/../_lib/http.inc';
$server = TestServer::handler(fn ($request, $response) => $response->end(str_repeat('a', 1000)), ['http_compression' => false]);
show($server->get('/', ['Accept-Encoding' => 'gzip'])->header('Content-Encoding'));
$server = TestServer::handler(fn ($request, $response) => $response->end(str_repeat('a', (int) substr($request->server['request_uri'], 1))), ['http_compression_min_length' => 128]);
show($server->get('/127', ['Accept-Encoding' => 'gzip'])->header('Content-Encoding'), $server->get('/128', ['Accept-Encoding' => 'gzip'])->header('Content-Encoding'));
?>
--EXPECT--
null
null gzip
