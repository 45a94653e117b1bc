--TEST--
An exception that a handler does not catch ends the worker, with 255 where it is the only process
--INI--
display_errors=0
--FILE--
<?php
require __DIR__ . '/../_lib/http.inc';
$server = TestServer::handler(function ($request, $response) {
    throw new RuntimeException('of the handler');
});
$client = $server->client();
$client->request('GET', '/');
show($client->reply()?->status, $server->child->wait());
?>
--EXPECT--
null exit 255
