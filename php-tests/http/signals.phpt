--TEST--
SIGTERM and SIGINT end the server, with status 0
--FILE--
<?php
require __DIR__ . '/../_lib/http.inc';
foreach ([SIGTERM, SIGINT] as $signal) {
    $server = TestServer::handler(fn ($request, $response) => $response->end('x'));
    $server->get('/');
    $server->child->signal($signal);
    show($server->child->wait());
}
?>
--EXPECT--
exit 0
exit 0
