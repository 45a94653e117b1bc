--TEST--
What cannot be waited for: twice, and without a callback
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Event;
[$a] = stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, 0);
Event::add($a, fn () => 1);
show(@Event::add($a, fn () => 1));
Event::del($a);
show(@Event::del($a), @Event::set($a, fn () => 1));
show(@Event::add($a));
Event::wait();
?>
--EXPECT--
false
false false
false
