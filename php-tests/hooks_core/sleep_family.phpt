--TEST--
sleep, usleep, time_nanosleep, time_sleep_until suspend inside run()
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use function Swoole\Coroutine\{go, run};
run(function () {
    $time = elapsed(function () {
        $ids = [];
        for ($i = 0; $i < 10; $i++) {
            $ids[] = go(fn () => usleep(60000));
            $ids[] = go(fn () => time_nanosleep(0, 60000000));
            $ids[] = go(fn () => time_sleep_until(microtime(true) + 0.06));
        }
        Coroutine::join($ids);
    });
    took($time, 60, 300);
    $time = elapsed(function () {
        Coroutine::join([go(fn () => sleep(1)), go(fn () => sleep(1))]);
    });
    took($time, 1000, 600);
});
?>
--EXPECT--
took about 60 ms
took about 1000 ms
