--TEST--
dispatch() does one turn
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\{Event, Timer};
[$a, $b] = stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, 0);
Event::add($a, function ($stream) { show('read', fread($stream, 10)); });
fwrite($b, 'one');
show(Event::dispatch());
show('between');
fwrite($b, 'two');
Event::dispatch();
Event::del($a);
Event::wait();
?>
--EXPECT--
read one
true
between
read two
