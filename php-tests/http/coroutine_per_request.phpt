--TEST--
Each request has a coroutine of its own, and a context
--FILE--
<?php
require __DIR__ . '/../_lib/http.inc';
$server = TestServer::handler(function ($request, $response) {
    $context = Swoole\Coroutine::getContext();
    $empty = count($context) === 0;
    $context['mark'] = $request->get['n'];
    Swoole\Coroutine::sleep(0.005);
    $response->end(json_encode([Swoole\Coroutine::getCid() > 0, $empty, Swoole\Coroutine::getContext()['mark'] === $request->get['n']]));
});
$clients = [];
for ($i = 0; $i < 5; $i++) {
    $clients[] = $client = $server->client();
    $client->request('GET', "/?n=$i");
}
foreach ($clients as $client) {
    show($client->reply()->body);
}
?>
--EXPECT--
[true,true,true]
[true,true,true]
[true,true,true]
[true,true,true]
[true,true,true]
