--TEST--
An exception that a handler catches harms nobody
--FILE--
<?php
require __DIR__ . '/../_lib/http.inc';
$server = TestServer::handler(function ($request, $response) {
    try {
        Swoole\Coroutine::sleep(0.002);
        throw new RuntimeException($request->get['n']);
    } catch (RuntimeException $error) {
        $response->status(500);
        $response->end($error->getMessage());
    }
});
$clients = [];
for ($i = 0; $i < 3; $i++) {
    $clients[$i] = $server->client();
    $clients[$i]->request('GET', "/?n=$i");
}
foreach ($clients as $client) {
    $reply = $client->reply();
    show($reply->status, $reply->body);
}
?>
--EXPECT--
500 0
500 1
500 2
