--TEST--
The end of a stream makes it readable
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Event;
[$a, $b] = stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, 0);
Event::add($a, function ($stream) { show(fread($stream, 10), feof($stream)); Event::del($stream); });
fclose($b);
Event::wait();
?>
--EXPECT--
 true
