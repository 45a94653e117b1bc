--TEST--
HTTP/2 against nginx: parallel streams, big bodies in parts, uploads in parts, ping, goaway, end of the server
--SKIPIF--
<?php exec('nginx -v 2>&1', $out, $code); if ($code) { echo 'skip no nginx'; } ?>
--FILE--
<?php
require __DIR__ . '/../_lib/peer.inc';
use Swoole\Coroutine\Http2\Client;
use Swoole\Http2\Request;
use function Swoole\Coroutine\run;
$dir = temp_path('.d');
mkdir($dir);
file_put_contents("$dir/big", $big = base64_encode(random_bytes(2 << 20)));
$port = free_port();
file_put_contents("$dir/conf", "daemon off; master_process off; pid $dir/pid; error_log $dir/log; events {}
http { access_log off; client_body_temp_path $dir/b; proxy_temp_path $dir/p; fastcgi_temp_path $dir/f; uwsgi_temp_path $dir/u; scgi_temp_path $dir/s; client_max_body_size 20m;
server { listen 127.0.0.1:$port http2; root $dir;
location /hi { add_header Set-Cookie 'a=b%20c'; return 200 \"\$request_method \$http_x_y \$http_cookie \$args\"; } } }");
$nginx = program(['nginx', '-c', "$dir/conf", '-p', $dir, '-e', "$dir/log"]);
wait_for($port);
run(function () use ($port, $big, $nginx) {
    $client = new Client('127.0.0.1', $port);
    $client->set(['timeout' => 3]);
    show($client->connect(), $client->connected, $client->connect(), $client->errCode);
    $request = new Request();
    $request->path = '/hi?q=a b';
    $request->headers = ['X-Y' => 'z', 'Connection' => 'keep-alive'];
    $request->cookies = ['k' => 'v w'];
    show($client->send($request), $client->isStreamExist(1), $client->isStreamExist(3), $client->isStreamExist(0));
    $response = $client->recv();
    show($response->streamId, $response->statusCode, $response->data, $response->cookies, $response->set_cookie_headers, $response->headers['content-type'], $client->isStreamExist(1));
    $request = new Request();
    $request->path = '/big';
    $client->send($request);
    show($client->recv()->data === $big);
    $client->send($request);
    $parts = 0;
    for ($data = '', $more = true; $more; $parts++) {
        $response = $client->read();
        $data .= $response->data;
        $more = $response->pipeline;
    }
    show($data === $big, $parts > 1);
    $streams = [];
    for ($i = 0; $i < 60; $i++) {
        $request = new Request();
        $request->path = "/hi?$i";
        $streams[$client->send($request)] = $i;
    }
    for ($good = 0; $streams; $good++) {
        $response = $client->recv();
        if (!str_ends_with($response->data, ' ' . $streams[$response->streamId])) { break; }
        unset($streams[$response->streamId]);
    }
    show('parallel', $good, $client->stats('active_stream_num'));
    $request = new Request();
    $request->method = 'POST';
    $request->path = '/hi';
    $request->pipeline = true;
    $stream = $client->send($request);
    show($client->write($stream, str_repeat('x', 300000)), $client->write($stream, ['form' => 'data'], true), $client->write($stream, 'more'), $client->errCode);
    show($client->recv()->statusCode, $client->ping(), $client->stats('remote_settings')['max_concurrent_streams'], $client->stats()['last_stream_id'] === $stream);
    show($client->recv(0.05), $client->errCode === 110, $client->connected);
    proc_terminate($nginx, 9);
    $last = $client->recv(2);
    show($last, $client->errCode === 104, $client->connected, $client->send(new Request()), $client->errCode === SWOOLE_ERROR_CLIENT_NO_CONNECTION, $client->close());
});
exec('rm -r ' . escapeshellarg($dir));
?>
--EXPECT--
true true false 106
1 true false true
1 200 GET z k=v+w q=a%20b {"a":"b c"} ["a=b%20c"] text/plain false
true
true true
parallel 60 0
true true false 22
200 true 128 true
false true true
false true false false true false
