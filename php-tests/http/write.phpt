--TEST--
write() sends chunks, end() the last of them
--FILE--
<?php
require __DIR__ . '/../_lib/http.inc';
$server = TestServer::handler(function ($request, $response) {
    $results = [];
    for ($i = 0; $i < 3; $i++) {
        $results[] = $response->write("part $i\n");
        Swoole\Coroutine::sleep(0.002);
    }
    $response->end(json_encode($results));
});
$client = $server->client();
for ($i = 0; $i < 2; $i++) {
    $client->request('GET', '/');
    $reply = $client->reply();
    show($reply->chunked, $reply->header('Content-Length'), $reply->body);
}
?>
--EXPECT--
true null part 0
part 1
part 2
[true,true,true]
true null part 0
part 1
part 2
[true,true,true]
