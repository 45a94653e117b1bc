--TEST--
sleep() suspends one coroutine and not the others
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use function Swoole\Coroutine\{go, run};
run(function () {
    $time = elapsed(function () {
        $all = [];
        for ($i = 0; $i < 100; $i++) {
            $all[] = go(fn () => Coroutine::sleep(0.05));
        }
        Coroutine::join($all);
    });
    took($time, 50, 150);
    var_dump(Coroutine::sleep(0.001));
});
?>
--EXPECT--
took about 50 ms
bool(true)
