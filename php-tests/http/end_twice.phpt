--TEST--
After end() nothing more can be sent
--FILE--
<?php
require __DIR__ . '/../_lib/http.inc';
$server = TestServer::handler(function ($request, $response) use (&$server) {
    if ($request->server['request_uri'] === '/results') {
        $response->end(json_encode($GLOBALS['results']));
        return;
    }
    $before = $response->isWritable();
    $first = $response->end('once');
    $GLOBALS['results'] = [$before, $first, $response->isWritable(), @$response->end('twice'), @$response->write('more'), @$response->header('X', 'y'), @$response->status(500)];
});
$client = $server->client();
$client->request('GET', '/');
show($client->reply()->body);
$client->request('GET', '/results');
show($client->reply()->body);
?>
--EXPECT--
once
[true,true,false,false,false,false,false]
