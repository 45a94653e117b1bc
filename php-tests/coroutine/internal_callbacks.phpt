--TEST--
Suspending inside the callback of an internal function
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use function Swoole\Coroutine\{go, run};
run(function () {
    for ($i = 0; $i < 2; $i++) {
        go(function () use ($i) {
            Coroutine::sleep(0.03 * $i + 0.001);
            $list = [3, 1, 2];
            usort($list, function ($a, $b) {
                Coroutine::sleep(0.001);
                return $a <=> $b;
            });
            show($i, $list);
            show($i, preg_replace_callback('/\d/', function ($found) {
                Coroutine::sleep(0.001);
                return $found[0] * 2;
            }, 'a1b2'));
        });
    }
});
?>
--EXPECT--
0 [1,2,3]
0 a2b4
1 [1,2,3]
1 a2b4
