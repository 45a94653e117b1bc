--TEST--
HTTP/2 with prior knowledge: requests, bodies both ways, trailers, many streams on one connection
--SKIPIF--
<?php if (!is_executable('/usr/bin/curl') || !str_contains((string) shell_exec('curl --version'), 'HTTP2')) die('skip curl without HTTP/2'); ?>
--FILE--
<?php
require __DIR__ . '/../_lib/http.inc';
$server = TestServer::handler(function ($request, $response) {
    switch ($request->server['request_uri']) {
        case '/pieces':
            $response->trailer('X-Checked', 'yes');
            for ($i = 0; $i < 3; $i++) {
                $response->write("piece $i\n");
                Swoole\Coroutine::sleep(0.002);
            }
            $response->end("end\n");
            break;
        case '/big':
            $response->end(str_repeat('0123456789abcdef', 1 << 17));
            break;
        default:
            $response->header('X-Answer', '42');
            $response->end($request->server['server_protocol'] . ' ' . json_encode([$request->get, $request->post, strlen($request->rawContent()), $request->streamId]));
    }
}, ['open_http2_protocol' => true]);
$curl = fn (string ...$options) => shell_exec('curl -s -m 10 --http2-prior-knowledge ' . implode(' ', array_map(escapeshellarg(...), $options)));
$base = "http://127.0.0.1:$server->port";
show($curl("$base/?a=1&b[]=2"));
show($curl('-d', 'x=y', $base));
show($curl("$base/pieces"));
show(md5($curl("$base/big")) === md5(str_repeat('0123456789abcdef', 1 << 17)));
$file = temp_path();
file_put_contents($file, str_repeat('z', 1500000));
show($curl('--data-binary', "@$file", '-H', 'Content-Type: application/octet-stream', $base));
show(preg_match('/^HTTP\/2 200 \r\nx-answer: 42\r\n/m', $curl('-i', $base)));
show($server->get('/')->body);
?>
--EXPECT--
HTTP/2 [{"a":"1","b":["2"]},null,0,1]
HTTP/2 [null,{"x":"y"},3,1]
piece 0
piece 1
piece 2
end

true
HTTP/2 [null,null,1500000,1]
1
HTTP/1.1 [null,null,0,0]
