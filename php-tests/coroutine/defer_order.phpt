--TEST--
Deferred callbacks run last in, first out when the body ends
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use function Swoole\Coroutine\{go, run};
run(function () {
    go(function () {
        Coroutine::defer(function () { echo "first\n"; });
        Coroutine::defer(function () { echo "second\n"; });
        Coroutine\defer(function () { echo "third\n"; });
        echo "body\n";
    });
    echo "creator\n";
});
?>
--EXPECT--
body
third
second
first
creator
