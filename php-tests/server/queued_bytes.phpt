--TEST--
max_queued_bytes: of a connection whose worker is busy no more than that is read ahead; all of it arrives in the end
--FILE--
<?php
require __DIR__ . '/../_lib/server.inc';
$total = new Swoole\Atomic\Long();
$server = Served::start(function ($server) use ($total) {
    $server->on('Receive', function ($server, $fd, $reactor, $data) use ($total) {
        if ($total->get() === 0) {
            usleep(400_000);
            $server->send($fd, $server->getClientInfo($fd)['recv_queued_bytes'] . "\n");
        }
        if ($total->add(strlen($data)) === 8_000_000) {
            $server->send($fd, "all\n");
        }
    });
}, ['max_queued_bytes' => 200_000], SWOOLE_PROCESS);
$socket = $server->connect();
stream_set_blocking($socket, false);
$bytes = str_repeat('x', 100_000);
for ($sent = 0, $end = microtime(true) + 10; $sent < 8_000_000 && microtime(true) < $end;) {
    $written = @fwrite($socket, substr($bytes, 0, 8_000_000 - $sent));
    $sent += (int) $written;
    $written ?: usleep(1000);
}
stream_set_blocking($socket, true);
$queued = (int) fgets($socket);
show($sent, $queued > 100_000, $queued <= 200_000 + 65_536);
show(fgets($socket), $total->get());
?>
--EXPECT--
8000000 true true
all
 8000000
