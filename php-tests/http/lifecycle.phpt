--TEST--
start, connect, request, close, and the end: the order of events
--FILE--
<?php
require __DIR__ . '/../_lib/http.inc';
$server = TestServer::http(function ($server) {
    foreach (['Start', 'Connect', 'Close', 'WorkerStop', 'Shutdown'] as $event) {
        $server->on($event, fn () => show($event));
    }
    $server->on('Request', function ($request, $response) {
        show('Request');
        $response->end();
    });
});
$server->get('/', ['Connection' => 'close']);
usleep(50000);
show($server->stop());
?>
--EXPECT--
Start
Connect
Request
Close
WorkerStop
Shutdown
exit 0
