--TEST--
A callback may defer others: they run before what was deferred earlier, last first
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use function Swoole\Coroutine\{go, run};
run(function () {
    go(function () {
        Coroutine::defer(fn () => print("first\n"));
        Coroutine::defer(function () {
            echo "outer\n";
            Coroutine::defer(fn () => print("inner 1\n"));
            Coroutine::defer(fn () => print("inner 2\n"));
        });
        Coroutine::defer(fn () => print("last\n"));
    });
});
?>
--EXPECT--
last
outer
inner 2
inner 1
first
