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
    Coroutine::sleep(0.028);
    Timer::clear($id);
    show($count >= 4 && $count <= 5);
    $channel = new Coroutine\Channel(1);
    Timer::after(2, fn () => $channel->push('from the timer'));
    show($channel->pop());
});
?>
--EXPECT--
true
from the timer
