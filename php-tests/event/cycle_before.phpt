--TEST--
cycle(…, true) runs before the wait
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\{Event, Timer};
$order = [];
Event::cycle(function () use (&$order) { $order[] = 'before'; }, true);
Timer::after(5, function () use (&$order) { $order[] = 'timer'; Event::cycle(null, true); });
Event::wait();
show($order[0], end($order) === 'timer' || end($order) === 'before', in_array('timer', $order));
?>
--EXPECT--
before true true
