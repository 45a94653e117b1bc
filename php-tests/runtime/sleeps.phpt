--TEST--
sleep(), usleep(), time_nanosleep() and time_sleep_until() suspend, and are never short
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use Swoole\Runtime;
use function Swoole\Coroutine\{go, run};
run(function () {
    $time = elapsed(function () {
        $all = [];
        for ($i = 0; $i < 20; $i++) {
            $all[] = go(function () {
                $begin = hrtime(true);
                usleep(100_000);
                $ok = time_nanosleep(0, 100_000_000);
                $ok = time_sleep_until(microtime(true) + 0.1) && $ok;
                $passed = hrtime(true) - $begin;
                if (!$ok || $passed < 300_000_000) {
                    var_dump($ok, $passed);
                }
            });
        }
        $all[] = go(fn () => var_dump(sleep(1)));
        Coroutine::join($all);
    });
    took($time, 1000);
    $begin = hrtime(true);
    usleep(150);
    var_dump(hrtime(true) - $begin >= 150_000);
    thrown(fn () => sleep(-1));
});
?>
--EXPECT--
int(0)
took about 1000 ms
bool(true)
ValueError(0): sleep(): Argument #1 ($seconds) must be greater than or equal to 0
