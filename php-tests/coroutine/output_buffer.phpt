--TEST--
Each coroutine has an output buffer of its own
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use function Swoole\Coroutine\{go, run};
$results = [];
run(function () use (&$results) {
    for ($i = 0; $i < 3; $i++) {
        go(function () use ($i, &$results) {
            ob_start();
            echo "first $i";
            Coroutine::sleep(0.001);
            echo " second $i";
            $results[$i] = ob_get_clean();
        });
    }
    show('level of the creator', ob_get_level());
});
ksort($results);
show($results);
?>
--EXPECT--
level of the creator 0
["first 0 second 0","first 1 second 1","first 2 second 2"]
