--TEST--
setTimeLimit() ends a wait with a TimeoutException
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use function Swoole\Coroutine\{go, run};
run(function () {
    go(function () {
        $time = elapsed(function () {
            show(Coroutine::setTimeLimit(0.03));
            try {
                Coroutine::sleep(5);
                show('not reached');
            } catch (Coroutine\TimeoutException $error) {
                show(get_class($error), Coroutine::isCanceled());
            }
        });
        took($time, 30, 200);
    });
    go(function () {
        show(Coroutine::setTimeLimit(0), Coroutine::setTimeLimit(0.01));
        show('ends in time');
    });
});
?>
--EXPECT--
true
false true
ends in time
Swoole\Coroutine\TimeoutException true
took about 30 ms
