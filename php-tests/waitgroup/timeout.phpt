--TEST--
wait() gives up after its time-out
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use Swoole\Coroutine\WaitGroup;
use function Swoole\Coroutine\{go, run};
run(function () {
    $group = new WaitGroup(1);
    $late = go(function () use ($group) {
        Coroutine::sleep(0.05);
        $group->done();
    });
    took(elapsed(fn () => show($group->wait(0.01))), 10);
    show($group->wait());
});
?>
--EXPECT--
false
took about 10 ms
true
