--TEST--
tick() calls again and again, with its id first
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Timer;
$count = 0;
$start = microtime(true);
$timer = Timer::tick(10, function (int $id, string $text) use (&$count, &$timer) {
    show($id === $timer, $text);
    if (++$count === 3) {
        show(Timer::clear($id), Timer::exists($id));
    }
}, 'argument');
Swoole\Event::wait();
took((microtime(true) - $start) * 1000, 30);
?>
--EXPECT--
true argument
true argument
true argument
true false
took about 30 ms
