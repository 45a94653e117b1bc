--TEST--
detach() and Response::create(): answered by somebody else, later
--FILE--
<?php
require __DIR__ . '/../_lib/http.inc';
$server = TestServer::handler(function ($request, $response) {
    $fd = $response->fd;
    show($response->detach());
    Swoole\Timer::after(10, function () use ($fd) {
        $later = Swoole\Http\Response::create($fd);
        $later->header('X-Later', 'yes');
        $later->end("for $fd");
    });
});
$reply = $server->get('/');
show($reply->header('X-Later'), $reply->body);
?>
--EXPECT--
true
yes for 1
