--TEST--
Process::alarm() counts microseconds
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\{Event, Process};
[$stream] = stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, 0);
$start = microtime(true);
Process::signal(SIGALRM, function () use ($start, $stream) {
    static $n = 0;
    if (++$n === 3) {
        took((microtime(true) - $start) * 1000, 30);
        Process::alarm(-1);
        Process::signal(SIGALRM, null);
        Event::del($stream);
    }
});
Event::add($stream, fn () => 1);
Process::alarm(10000);
Event::wait();
?>
--EXPECT--
took about 30 ms
