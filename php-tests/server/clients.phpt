--TEST--
What a server knows of its clients: info, list, iteration, exists, stats; heartbeat ends silent ones
--FILE--
<?php
require __DIR__ . '/../_lib/server.inc';
both_modes(function (int $mode) {
    $server = Served::start(function ($server) {
        $server->on('Receive', function ($server, $fd, $reactor, $data) {
            $info = $server->getClientInfo($fd);
            $listed = [];
            foreach ($server->connections as $each) {
                $listed[] = $each;
            }
            $stats = $server->stats();
            $server->send($fd, json_encode([
                $info['remote_ip'], $info['socket_type'], $info['server_port'] === $server->port,
                $server->getClientList(), $listed, count($server->connections),
                $server->exists($fd), $server->exists(999), isset($server->connections[$fd]),
                $stats['connection_num'], $stats['accept_count'], $stats['worker_num'],
                @$server->getClientInfo(999),
            ]) . "\n");
        });
    }, ['heartbeat_check_interval' => 1, 'heartbeat_idle_time' => 1], $mode);
    $first = $server->connect();
    usleep(10_000);
    show($server->ask('who'));
    $start = microtime(true);
    show(fgets($first), feof($first), microtime(true) - $start < 4.5);
    show($server->child->stop());
});
?>
--EXPECT--
-- base
["127.0.0.1",1,true,[1,2],[1,2],2,true,false,true,2,2,1,false]
false true true
exit 0
-- process
["127.0.0.1",1,true,[1,2],[1,2],2,true,false,true,2,2,1,false]
false true true
exit 0
