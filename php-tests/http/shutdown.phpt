--TEST--
shutdown() from a handler
--FILE--
<?php
require __DIR__ . '/../_lib/http.inc';
$server = TestServer::http(function ($server) {
    $server->on('Request', function ($request, $response) use ($server) {
        $response->end('bye');
        $server->shutdown();
    });
    // Late enough for the client's line to come first.
    $server->on('Shutdown', function () {
        usleep(100000);
        show('shutdown event');
    });
});
show($server->get('/')->body);
show($server->child->wait());
?>
--EXPECT--
bye
shutdown event
exit 0
