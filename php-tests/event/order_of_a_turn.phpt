--TEST--
The first turn: what is ready, what was deferred, what is due
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\{Event, Timer};
[$a, $b] = stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, 0);
fwrite($b, 'x');
Event::add($a, function ($stream) { show('io'); Event::del($stream); });
Timer::after(1, fn () => show('timer'));
Event::defer(fn () => show('defer'));
usleep(5000);
Event::wait();
?>
--EXPECT--
io
defer
timer
