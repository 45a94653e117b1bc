--TEST--
sleep() below a millisecond is refused
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use function Swoole\Coroutine\{go, run};
run(function () {
    foreach ([0, 0.0009, -1] as $seconds) {
        go(function () use ($seconds) {
            var_dump(@Coroutine::sleep($seconds));
            show(error_get_last()['message']);
        });
        show('creator');
    }
});
?>
--EXPECT--
bool(false)
Swoole\Coroutine::sleep(): Timer must be greater than or equal to 0.001
creator
bool(false)
Swoole\Coroutine::sleep(): Timer must be greater than or equal to 0.001
creator
bool(false)
Swoole\Coroutine::sleep(): Timer must be greater than or equal to 0.001
creator
