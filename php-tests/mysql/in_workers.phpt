--TEST--
Coroutine\MySQL in the workers of a server, also after a worker was replaced
--FILE--
<?php
require __DIR__ . '/client.inc';
require __DIR__ . '/../_lib/http.inc';
$server = TestServer::http(function ($server) {
    $server->on('WorkerStart', function () {
        // Each worker has a connection of its own from its start on.
        $GLOBALS['mysql'] = client();
    });
    $server->on('request', function ($request, $response) use ($server) {
        if ($request->server['request_uri'] === '/die') {
            $response->end('dying');
            $server->stop($server->worker_id);
            return;
        }
        // The loop goes on while the worker's start waits for its connection.
        while (!isset($GLOBALS['mysql'])) {
            Swoole\Coroutine::sleep(0.005);
        }
        $own = $GLOBALS['mysql']->query('SELECT CONNECTION_ID() AS id')[0]['id'];
        $all = Swoole\Coroutine\batch(array_fill(0, 3, fn () => client()->query('SELECT SLEEP(0.05) AS s, 7 AS seven')[0]['seven']));
        $response->end(json_encode([$own > 0, $all]));
    });
}, ['worker_num' => 2, 'reload_async' => true, 'max_wait_time' => 3]);
for ($n = 0; $n < 4; $n++) {
    show($server->get('/')->body);
}
show($server->get('/die')->body);
show(eventually(fn () => ($server->get('/')?->body ?? '') === '[true,["7","7","7"]]'));
show($server->stop());
?>
--EXPECT--
[true,["7","7","7"]]
[true,["7","7","7"]]
[true,["7","7","7"]]
[true,["7","7","7"]]
dying
true
exit 0
