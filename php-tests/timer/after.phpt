--TEST--
after() calls once, with its arguments
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Timer;
$id = Timer::after(5, function (...$arguments) { show('called', $arguments); }, 1, 'b', [3]);
show(is_int($id), Timer::exists($id));
Swoole\Event::wait();
show(Timer::exists($id));
?>
--EXPECT--
true true
called [1,"b",[3]]
false
