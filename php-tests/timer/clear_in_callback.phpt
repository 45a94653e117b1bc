--TEST--
A callback clears another timer that is due at the same time
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Timer;
$second = null;
Timer::after(5, function () use (&$second) {
    show('first', Timer::clear($second));
});
$second = Timer::after(6, fn () => show('second'));
usleep(20000);
Swoole\Event::wait();
?>
--EXPECT--
first true
