--TEST--
HEAD has the headers of GET and no body
--FILE--
<?php
require __DIR__ . '/../_lib/http.inc';
$server = TestServer::handler(fn ($request, $response) => $response->end('twelve bytes'));
$client = $server->client();
$client->request('HEAD', '/');
$reply = $client->reply('HEAD');
show($reply->status, $reply->header('Content-Length'));
$client->request('GET', '/');
show($client->reply()->body);
?>
--EXPECT--
200 12
twelve bytes
