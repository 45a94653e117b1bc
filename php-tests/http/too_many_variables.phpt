--TEST--
max_input_vars: what is beyond is left out, and the log tells before the callback runs, whether or not it looks
--FILE--
<?php
require __DIR__ . '/../_lib/http.inc';
$server = TestServer::handler(function ($request, $response) {
    Swoole\Coroutine\System::writeFile($request->header['x-mark'], 'called');
    $response->end($request->server['request_uri'] === '/look'
        ? json_encode([count($request->get), count($request->post), count($request->cookie)])
        : '');
});
$form = fn (int $count) => implode('&', array_map(fn ($n) => "v$n=1", range(1, $count)));
$ask = function (string $path, int $count) use ($server, $form) {
    $mark = temp_path();
    $before = strlen($server->log());
    $reply = $server->get("$path?" . $form($count), [
        'Content-Type' => 'application/x-www-form-urlencoded',
        'Cookie' => strtr($form($count), '&', ';'),
        'X-Mark' => $mark,
    ], 'POST', $form($count));
    show($reply->status, $reply->body, preg_match_all('/WARNING\tRequest::parse\(\): Input variables exceeded 1000\. To increase the limit change max_input_vars in php\.ini\.\n/', substr($server->log(), $before)), is_file($mark));
};
$ask('/look', 1000);
$ask('/look', 1001);
$ask('/', 1500);
$ask('/', 999);
?>
--EXPECT--
200 [1000,1000,1000] 0 true
200 [1000,1000,1000] 3 true
200  3 true
200  0 true
