--TEST--
An interval below one millisecond is refused
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Timer;
foreach ([0, -5] as $ms) {
    var_dump(@Timer::after($ms, fn () => 1), @Timer::tick($ms, fn () => 1));
    show(error_get_last()['message']);
}
?>
--EXPECT--
bool(false)
bool(false)
Swoole\Timer::tick(): Timer must be greater than or equal to 1
bool(false)
bool(false)
Swoole\Timer::tick(): Timer must be greater than or equal to 1
