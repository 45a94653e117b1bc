--TEST--
HTTP/2 against an nginx that ends each connection after a few requests: no answer is lost
--FILE--
<?php
require __DIR__ . '/../_lib/peer.inc';

use Swoole\Coroutine\Http2\Client;
use Swoole\Http2\Request;

$dir = temp_path('.d');
mkdir($dir);
$port = free_port();
file_put_contents("$dir/conf", "daemon off; master_process off; pid $dir/pid; error_log $dir/log; events {}
http { access_log off; client_body_temp_path $dir/b; proxy_temp_path $dir/p; fastcgi_temp_path $dir/f; uwsgi_temp_path $dir/u; scgi_temp_path $dir/s;
keepalive_requests 5; server { listen 127.0.0.1:$port http2; location / { return 200 \$arg_n; } } }");
program(['nginx', '-c', "$dir/conf", '-p', $dir, '-e', "$dir/log"]);
wait_for($port);
Swoole\Coroutine\run(function () use ($port) {
    $client = new Client('127.0.0.1', $port);
    $client->set(['timeout' => 5]);
    $request = new Request;
    // One after the other: what cannot be sent is not lost, and what was not taken can be told.
    for ($connections = $good = $n = 0; $n < 23; $n++) {
        $request->path = "/?n=$n";
        do {
            while (!($client->connected && ($id = $client->send($request)))) {
                $connections += $client->connect();
            }
            $response = $client->recv();
        } while (!$response && $client->serverLastStreamId < $id);
        $good += $response && $response->streamId === $id && $response->data === (string) $n;
    }
    show('one by one', $good, $connections, $client->connected, $client->serverLastStreamId);
    $client->close();

    // Five at once.
    for ($good = $round = 0; $round < 4; $round++) {
        $client->connected && $client->close();
        $client->connect();
        for ($sent = [], $n = 0; $n < 5; $n++) {
            $request->path = "/?n=$n";
            $sent[$client->send($request)] = (string) $n;
        }
        while ($sent && $response = $client->recv()) {
            $good += $sent[$response->streamId] === $response->data;
            unset($sent[$response->streamId]);
        }
    }
    show('at once', $good);
});
exec('rm -r ' . escapeshellarg($dir));
?>
--EXPECT--
one by one 23 5 true 9
at once 20
