--TEST--
Pipelined requests are answered in order
--FILE--
<?php
require __DIR__ . '/../_lib/http.inc';
$server = TestServer::handler(fn ($request, $response) => $response->end($request->server['request_uri']));
$client = $server->client();
$all = '';
for ($i = 0; $i < 50; $i++) {
    $all .= "GET /$i HTTP/1.1\r\nHost: h\r\n\r\n";
}
$client->send($all);
$bodies = [];
for ($i = 0; $i < 50; $i++) {
    $bodies[] = $client->reply()->body;
}
show($bodies === array_map(fn ($i) => "/$i", range(0, 49)));
?>
--EXPECT--
true
