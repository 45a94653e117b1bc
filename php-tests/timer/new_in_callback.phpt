--TEST--
A callback sets the next timer
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Timer;
function step(int $n): void {
    show($n);
    if ($n < 4) {
        Timer::after(2, 'step', $n + 1);
    }
}
Timer::after(1, 'step', 1);
Swoole\Event::wait();
?>
--EXPECT--
1
2
3
4
