--TEST--
Timers fire by time
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Timer;
foreach ([30 => 'c', 10 => 'a', 20 => 'b', 60 => 'd'] as $ms => $name) {
    Timer::after($ms, fn () => show($name));
}
Swoole\Event::wait();
?>
--EXPECT--
a
b
c
d
