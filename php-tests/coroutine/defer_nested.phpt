--TEST--
A callback may defer another, which runs too
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use function Swoole\Coroutine\{go, run};
run(function () {
    go(function () {
        Coroutine::defer(function () {
            echo "outer\n";
            Coroutine::defer(fn () => print("inner\n"));
        });
    });
});
?>
--EXPECT--
outer
inner
