--TEST--
Many requests on one connection
--FILE--
<?php
require __DIR__ . '/../_lib/http.inc';
$server = TestServer::handler(function ($request, $response) {
    static $n = 0;
    $response->end(++$n . ' ' . $request->fd);
});
$client = $server->client();
for ($i = 0; $i < 3; $i++) {
    $client->request('GET', '/');
    show($client->reply()->body);
}
$client->request('GET', '/', ['Connection' => 'close']);
$reply = $client->reply();
show($reply->body, $reply->header('Connection'), $client->closed());
?>
--EXPECT--
1 1
2 1
3 1
4 1 close true
