--TEST--
info() counts the calls
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Timer;
Timer::tick(2, function (int $id) {
    static $n = 0;
    show(Timer::info($id)['exec_count']);
    if (++$n === 3) {
        Timer::clear($id);
    }
});
Swoole\Event::wait();
?>
--EXPECT--
0
1
2
