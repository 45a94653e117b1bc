--TEST--
The capacity is at least one
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine\Channel;
show((new Channel)->capacity, (new Channel(0))->capacity, (new Channel(-3))->capacity, (new Channel(7))->capacity);
?>
--EXPECT--
1 1 1 7
