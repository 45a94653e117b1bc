--TEST--
A server echoes over TCP, tells Connect and Close, and ends on SIGTERM, in both modes
--FILE--
<?php
require __DIR__ . '/../_lib/server.inc';
both_modes(function (int $mode) {
    $out = temp_path();
    $server = Served::start(function ($server) use ($out) {
        $note = fn ($text) => file_put_contents($out, "$text\n", FILE_APPEND);
        $server->on('CONNECT', fn ($server, $fd) => $note("connect $fd"));
        $server->on('receive', fn ($server, $fd, $reactor, $data) => $server->send($fd, "echo $data"));
        $server->on('Close', fn ($server, $fd, $reactor) => $note('close ' . $fd . ($reactor < 0 ? ' by us' : ' by the peer')));
        $server->on('shutdown', fn () => $note('shutdown'));
    }, mode: $mode);
    show($server->ask('one'));
    show($server->ask('two'));
    eventually(fn () => substr_count(file_get_contents($out), 'close') === 2);
    show($server->child->stop());
    echo file_get_contents($out);
});
?>
--EXPECT--
-- base
echo one
echo two
exit 0
connect 1
close 1 by the peer
connect 2
close 2 by the peer
shutdown
-- process
echo one
echo two
exit 0
connect 1
close 1 by the peer
connect 2
close 2 by the peer
shutdown
