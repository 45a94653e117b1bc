--TEST--
enable_coroutine off: the handler runs outside of coroutines
--FILE--
<?php
require __DIR__ . '/../_lib/http.inc';
$server = TestServer::handler(fn ($request, $response) => $response->end((string) Swoole\Coroutine::getCid()), ['enable_coroutine' => false]);
show($server->get('/')->body);
?>
--EXPECT--
-1
