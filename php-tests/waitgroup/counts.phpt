--TEST--
WaitGroup: add, done, count, wait
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use Swoole\Coroutine\WaitGroup;
use function Swoole\Coroutine\{go, run};
run(function () {
    $group = new WaitGroup;
    for ($i = 1; $i <= 3; $i++) {
        $group->add();
        go(function () use ($group, $i) {
            Coroutine::sleep(0.004 * $i);
            show("done $i");
            $group->done();
        });
    }
    show($group->count());
    show($group->wait(), $group->count());
    show((new WaitGroup)->wait(), (new WaitGroup(2))->count());
});
?>
--EXPECT--
3
done 1
done 2
done 3
true 0
true 2
