--TEST--
http_request_stream: the body is read as it comes, far beyond package_max_length
--FILE--
<?php
require __DIR__ . '/../_lib/http.inc';
$server = TestServer::handler(function ($request, $response) {
    $bytes = $pieces = 0;
    while (($piece = $request->read(70000)) !== '' && $piece !== false) {
        $bytes += strlen($piece);
        $pieces++;
        if ($pieces % 20 === 0) {
            Swoole\Coroutine::sleep(0.001);
        }
    }
    $response->end(json_encode([$bytes, $pieces > 1, $piece]));
}, ['http_request_stream' => true, 'package_max_length' => 100000]);
show($server->get('/', [], 'POST', str_repeat('x', 5000000))->body);
$client = $server->client();
$client->send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
usleep(10000);
$client->send("2\r\nde\r\n0\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n");
show($client->reply()->body, $client->reply()->body);
?>
--EXPECT--
[5000000,true,""]
[5,true,""] [0,false,""]
