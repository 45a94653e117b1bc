--TEST--
An event's callback runs in a coroutine
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\{Coroutine, Event};
[$a, $b] = stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, 0);
Event::add($a, function ($stream) {
    fread($stream, 10);
    Event::del($stream);
    show(Coroutine::getCid() > 0);
    Coroutine::sleep(0.002);
    show('woken');
});
fwrite($b, 'x');
Event::wait();
?>
--EXPECT--
true
woken
