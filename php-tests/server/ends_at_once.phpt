--TEST--
A server that is told to end does not wait for idle connections: neither for one that was answered nor for a silent one
--FILE--
<?php
require __DIR__ . '/../_lib/server.inc';
both_modes(function (int $mode) {
    $took = [];
    // The best of some: a busy machine is late now and then, a server that waits always is.
    for ($try = 0; $try < 6 && (!$took || min($took) > 200); $try++) {
        $server = Served::start(function ($server) {
            $server->on('Receive', fn ($server, $fd, $reactor, $data) => $server->send($fd, $data));
        }, ['worker_num' => 1], $mode);
        fwrite($asked = $server->connect(), "x\n");
        $silent = $server->connect();
        $echo = trim(fgets($asked));
        $end = '';
        $took[] = elapsed(function () use ($server, &$end) {
            $end = $server->child->stop();
        });
    }
    show($echo, $end, min($took) <= 200 ? 'at once' : $took);
});
?>
--EXPECT--
-- base
x exit 0 at once
-- process
x exit 0 at once
