--TEST--
A write callback, and set() to change what is waited for
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Event;
[$a, $b] = stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, 0);
$read = function ($stream) { show('readable', fread($stream, 100)); Event::del($stream); };
$write = function ($stream) use ($b) {
    show('writable', fwrite($stream, 'x'));
    Event::set($stream, null, null, SWOOLE_EVENT_READ);
    fwrite($b, 'back');
};
Event::add($a, $read, $write, SWOOLE_EVENT_READ | SWOOLE_EVENT_WRITE);
show(Event::isset($a, SWOOLE_EVENT_READ), Event::isset($a, SWOOLE_EVENT_WRITE), Event::isset($b));
Event::wait();
show(Event::isset($a), fread($b, 10));
?>
--EXPECT--
true true false
writable 1
readable back
false x
