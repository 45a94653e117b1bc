--TEST--
A hundred connections at once, each of which waits
--FILE--
<?php
require __DIR__ . '/../_lib/http.inc';
$server = TestServer::handler(function ($request, $response) {
    Swoole\Coroutine::sleep(0.05);
    $response->end($request->get['n']);
});
$time = elapsed(function () use ($server) {
    $clients = [];
    for ($i = 0; $i < 100; $i++) {
        $clients[$i] = $server->client();
        $clients[$i]->request('GET', "/?n=$i");
    }
    $right = 0;
    foreach ($clients as $i => $client) {
        $right += $client->reply()->body === "$i" ? 1 : 0;
    }
    show($right);
});
took($time, 50, 400);
?>
--EXPECT--
100
took about 50 ms
