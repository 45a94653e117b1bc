--TEST--
Event::add with a stream: its callback gets the stream
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Event;
[$a, $b] = stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, 0);
show(is_int(Event::add($a, function ($stream) use ($a) {
    show($stream === $a, fread($stream, 100));
    Event::del($stream);
})));
fwrite($b, 'hello');
Event::wait();
show('end');
?>
--EXPECT--
true
true hello
end
