--TEST--
204 and 304 carry no body
--FILE--
<?php
require __DIR__ . '/../_lib/http.inc';
$server = TestServer::handler(function ($request, $response) {
    $response->status((int) substr($request->server['request_uri'], 1));
    $response->end();
});
$client = $server->client();
foreach ([204, 304, 200] as $status) {
    $client->request('GET', "/$status");
    $reply = $client->reply();
    show($reply->status, $reply->header('Transfer-Encoding'), $reply->body === '');
}
?>
--EXPECT--
204 null true
304 null true
200 null true
