--TEST--
clearAll()
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Timer;
for ($i = 0; $i < 5; $i++) {
    Timer::tick(10 + $i, fn () => show('must not fire'));
}
show(count(Timer::list()), Timer::clearAll(), count(Timer::list()));
Swoole\Event::wait();
?>
--EXPECT--
5 true 0
