--TEST--
Nested go(): each body runs until it yields, and then its creator goes on
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use function Swoole\Coroutine\{go, run};
run(function () {
    go(function () {
        echo "a1\n";
        go(function () {
            echo "b1\n";
            go(function () {
                echo "c1\n";
                Coroutine::sleep(0.003);
                echo "c2\n";
            });
            echo "b2\n";
            Coroutine::sleep(0.002);
            echo "b3\n";
        });
        echo "a2\n";
        Coroutine::sleep(0.001);
        echo "a3\n";
    });
    echo "main\n";
});
?>
--EXPECT--
a1
b1
c1
b2
a2
main
a3
b3
c2
