--TEST--
join() waits for all of them, or until its time-out
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use function Swoole\Coroutine\{go, run};
run(function () {
    $ids = [];
    for ($i = 1; $i <= 3; $i++) {
        $ids[] = go(function () use ($i) {
            Coroutine::sleep(0.004 * $i);
            show("done $i");
        });
    }
    var_dump(Coroutine::join($ids));
    show('joined');
    $slow = go(fn () => Coroutine::sleep(0.3));
    $time = elapsed(fn () => var_dump(Coroutine::join([$slow], 0.01)));
    took($time, 10);
    show(swoole_last_error() === SWOOLE_ERROR_CO_TIMEDOUT);
    Coroutine::cancel($slow);
    var_dump(Coroutine::join([$slow]));
});
?>
--EXPECT--
done 1
done 2
done 3
bool(true)
joined
bool(false)
took about 10 ms
true
bool(false)
