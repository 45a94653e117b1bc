--TEST--
Timers beside coroutines in run()
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\{Coroutine, Timer};
use function Swoole\Coroutine\run;
run(function () {
    $count = 0;
    $id = Timer::tick(5, function () use (&$count) { $count++; });
    while ($count < 4) {
        Coroutine::sleep(0.002);
    }
    show(Timer::clear($id));
    $ticks = $count;
    Coroutine::sleep(0.012);
    show($count === $ticks);
    $channel = new Coroutine\Channel(1);
    Timer::after(2, fn () => $channel->push('from the timer'));
    show($channel->pop());
});
?>
--EXPECT--
true
true
from the timer
