--TEST--
Switched off, calls block again; on again, they suspend
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use Swoole\Runtime;
use function Swoole\Coroutine\{go, run};
function both(): float
{
    return elapsed(function () {
        $all = [];
        for ($i = 0; $i < 2; $i++) {
            $all[] = go(fn () => usleep(200_000));
        }
        Coroutine::join($all);
    });
}
run(function () {
    took(both(), 200, 150);
    Runtime::enableCoroutine(0);
    took(both(), 400, 150);
    Runtime::enableCoroutine(SWOOLE_HOOK_TCP);
    took(both(), 400, 150);
    Runtime::enableCoroutine(SWOOLE_HOOK_SLEEP);
    took(both(), 200, 150);
});
?>
--EXPECT--
took about 200 ms
took about 400 ms
took about 400 ms
took about 200 ms
