--TEST--
Response: what cannot be sent is told and left out; null takes a field of ours away; ping() outside of WebSocket and HTTP/2
--FILE--
<?php
require __DIR__ . '/../_lib/http.inc';
$log = temp_path();
$server = TestServer::handler(function ($request, $response) use ($log) {
    set_error_handler(fn ($level, $text) => file_put_contents($log, "$text\n", FILE_APPEND));
    $note = fn (...$values) => file_put_contents($log, json_encode($values) . "\n", FILE_APPEND);
    switch ($request->server['path_info']) {
        case '/reason':
            $response->status(200, "Fine\r\nX-Split: 1");
            break;
        case '/null':
            foreach (['Server', 'Date', 'Content-Type', 'X-Mine'] as $name) {
                $response->header($name, null);
            }
            break;
        case '/names':
            $note($response->header("x-a\r\n", '1'), $response->header("x\0", '1'), $response->header('x-b', "1\r\n2"), $response->header('x-c', "1\0"));
            break;
        case '/redirect':
            $note($response->redirect("/x\r\nX-Split: 1"));
            $note('done');
            return;
        case '/ping':
            $note($response->ping());
            break;
    }
    $response->end('body');
    $note('done');
});
$told = function () use ($log) {
    // Warnings come after the answer.
    eventually(fn () => str_contains((string) @file_get_contents($log), 'done'));
    echo @file_get_contents($log);
    @unlink($log);
};
$reply = $server->get('/reason');
show($reply->status, $reply->reason, $reply->body, $reply->header('x-split'));
$told();
$reply = $server->get('/null');
show(array_keys($reply->headers), $reply->body);
$told();
$reply = $server->get('/names');
show(preg_match('/^x-/mi', $reply->head), $reply->body);
$told();
$reply = $server->get('/redirect');
show($reply->status, $reply->header('location'), $reply->header('x-split'));
$told();
$server->get('/ping');
$told();
?>
--EXPECT--
200 OK body null
["done"]
["connection","content-length"] body
["done"]
0 body
Swoole\Http\Response::header(): Header may not contain more than a single header, new line detected
Swoole\Http\Response::header(): Header may not contain NUL bytes
[false,false,true,true]
Swoole\Http\Response::end(): Header may not contain more than a single header, new line detected
Swoole\Http\Response::end(): Header may not contain NUL bytes
["done"]
302 null null
Swoole\Http\Response::redirect(): Header may not contain more than a single header, new line detected
[true]
["done"]
Swoole\Http\Response::ping(): only supports websocket or http2 client
[false]
["done"]
