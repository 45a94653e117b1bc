--TEST--
Suspending inside the callback of an internal function
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use function Swoole\Coroutine\{go, run};
$results = [];
run(function () use (&$results) {
    for ($i = 0; $i < 2; $i++) {
        go(function () use ($i, &$results) {
            $list = [3, 1, 2];
            usort($list, function ($a, $b) {
                Coroutine::sleep(0.001);
                return $a <=> $b;
            });
            $results[$i] = [$list, preg_replace_callback('/\d/', function ($found) {
                Coroutine::sleep(0.001);
                return $found[0] * 2;
            }, 'a1b2')];
        });
    }
});
ksort($results);
show($results);
?>
--EXPECT--
[[[1,2,3],"a2b4"],[[1,2,3],"a2b4"]]
