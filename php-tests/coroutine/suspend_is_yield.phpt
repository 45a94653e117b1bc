--TEST--
suspend() is another name for yield()
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use function Swoole\Coroutine\{go, run};
run(function () {
    $id = go(function () {
        Coroutine::suspend();
        echo "woken\n";
    });
    echo "outside\n";
    Coroutine::resume($id);
});
?>
--EXPECT--
outside
woken
