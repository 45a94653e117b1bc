--TEST--
cycle() runs once a turn, and can be cleared
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\{Event, Timer};
$turns = 0;
Event::cycle(function () use (&$turns) { $turns++; });
Timer::after(5, fn () => 1);
Timer::after(15, function () { Event::cycle(null); });
Event::wait();
show($turns >= 1 && $turns < 20);
?>
--EXPECT--
true
