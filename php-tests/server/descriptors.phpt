--TEST--
No descriptor left: accepting pauses at no cost, and goes on when there is one; more clients than the backlog has room for
--FILE--
<?php
require __DIR__ . '/../_lib/server.inc';
both_modes(function (int $mode) {
    $server = Served::start(function ($server) {
        // What the server itself opens, and a few.
        posix_setrlimit(POSIX_RLIMIT_NOFILE, 80, 80);
        $server->on('Receive', fn ($server, $fd, $reactor, $data) => $server->send($fd, "got $data"));
    }, ['reactor_num' => 2], $mode);
    $ticks = function () use ($server) {
        $fields = explode(' ', preg_replace('/^.*\) /', '', file_get_contents("/proc/{$server->child->pid}/stat")));
        return $fields[11] + $fields[12];
    };
    $held = array_map(fn () => $server->connect(), range(1, 120));
    show($server->logged('accept() failed'));
    $before = $ticks();
    usleep(600_000);
    show($ticks() - $before < 10);
    fwrite($held[0], "first\n");
    fwrite($last = $held[119], "last\n");
    show(trim(fgets($held[0])));
    $held = null;
    show(trim(fgets($last)), $server->child->stop());
});
?>
--EXPECT--
-- base
true
true
got first
got last exit 0
-- process
true
true
got first
got last exit 0
