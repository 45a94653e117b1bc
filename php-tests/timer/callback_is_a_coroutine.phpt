--TEST--
A timer's callback runs in a coroutine of its own
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\{Coroutine, Timer};
Timer::after(1, function () {
    show(Coroutine::getCid() > 0, Coroutine::getPcid());
    Coroutine::sleep(0.005);
    show('woken');
});
Timer::after(3, fn () => show('second'));
Swoole\Event::wait();
?>
--EXPECT--
true -1
second
woken
