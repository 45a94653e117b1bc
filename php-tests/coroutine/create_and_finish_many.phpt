--TEST--
A hundred thousand coroutines one after another keep memory level
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use function Swoole\Coroutine\{go, run};
run(function () {
    for ($i = 0; $i < 1000; $i++) {
        go(fn () => Coroutine::sleep(0.001));
    }
    Coroutine::sleep(0.05);
    $before = memory_get_usage();
    for ($n = 0; $n < 100; $n++) {
        for ($i = 0; $i < 1000; $i++) {
            go(fn () => Coroutine::getCid());
        }
    }
    show(memory_get_usage() - $before < 65536);
});
?>
--EXPECT--
true
