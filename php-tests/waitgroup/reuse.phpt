--TEST--
A group is used again after wait(), not during it
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use Swoole\Coroutine\WaitGroup;
use function Swoole\Coroutine\{go, run};
run(function () {
    $group = new WaitGroup;
    for ($round = 0; $round < 2; $round++) {
        $group->add();
        go(function () use ($group, $round) {
            Coroutine::sleep(0.001);
            if ($round === 1) {
                thrown(fn () => $group->add());
            }
            $group->done();
        });
        show($group->wait());
    }
});
?>
--EXPECT--
true
BadMethodCallException(0): WaitGroup misuse: add called concurrently with wait
true
