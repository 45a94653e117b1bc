--TEST--
A deferred callback may suspend; the coroutine exists until it is through
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use function Swoole\Coroutine\{go, run};
run(function () {
    $id = go(function () {
        Coroutine::defer(function () {
            echo "defer 1\n";
            Coroutine::sleep(0.001);
            echo "defer 2\n";
        });
        echo "body\n";
    });
    show(Coroutine::exists($id));
    Coroutine::sleep(0.01);
    show(Coroutine::exists($id));
});
?>
--EXPECT--
body
defer 1
true
defer 2
false
