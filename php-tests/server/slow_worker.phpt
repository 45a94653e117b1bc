--TEST--
A slow worker and a client that does not read hold up nobody else; thousands of half-open connections neither
--FILE--
<?php
require __DIR__ . '/../_lib/server.inc';
both_modes(function (int $mode) {
    $server = Served::start(function ($server) {
        $server->on('Receive', function ($server, $fd, $reactor, $data) {
            match (trim($data)) {
                'block' => $server->send($fd, 'blocking ' . $server->getWorkerId() . "\n") && usleep(1_500_000),
                'flood' => $server->send($fd, str_repeat('x', 6_000_000)),
                default => $server->send($fd, $server->getWorkerId() . "\n"),
            };
        });
    }, ['worker_num' => 2], $mode);
    $held = array_map(fn () => $server->connect(), range(1, 300));
    fwrite($unread = $server->connect(), "flood\n");
    fwrite($blocker = $server->connect(), "block\n");
    $start = hrtime(true);
    $blocked = (int) filter_var(fgets($blocker), FILTER_SANITIZE_NUMBER_INT);
    // Those of the other worker are answered while this one sleeps.
    $served = 0;
    while ($served < 20 && hrtime(true) - $start < 1.2e9) {
        $socket = $server->connect();
        stream_set_timeout($socket, 0, 30_000);
        fwrite($socket, "who\n");
        $served += fgets($socket) === (1 - $blocked) . "\n" ? 1 : 0;
    }
    show($served, (hrtime(true) - $start) / 1e9 < 1.4);
    $total = 0;
    while ($total < 6_000_000 && ($bytes = fread($unread, 1 << 20)) !== '' && $bytes !== false) {
        $total += strlen($bytes);
    }
    show($total);
});
?>
--EXPECT--
-- base
20 true
6000000
-- process
20 true
6000000
