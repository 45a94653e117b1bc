--TEST--
The other fields of $request->server
--FILE--
<?php
require __DIR__ . '/../_lib/http.inc';
$server = TestServer::handler(function ($request, $response) {
    $s = $request->server;
    ksort($s);
    $response->end(implode(' ', array_keys($s)) . ' ' . json_encode([$s['remote_addr'], is_int($s['remote_port']), is_int($s['server_port']), is_int($s['request_time']), is_float($s['request_time_float']), is_int($s['master_time']), $request->fd > 0, $request->streamId]));
});
show($server->get('/')->body);
?>
--EXPECT--
master_time path_info remote_addr remote_port request_method request_time request_time_float request_uri server_addr server_port server_protocol ["127.0.0.1",true,true,true,true,true,true,0]
