--TEST--
getStackUsage() tells the bytes of the VM stack
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use function Swoole\Coroutine\{go, run};
run(function () {
    $id = go(function () { Coroutine::sleep(0.001); });
    $mine = Coroutine::getStackUsage();
    $its = Coroutine::getStackUsage($id);
    show(is_int($mine), $mine > 0, is_int($its), $its > 0);
    show(@Coroutine::getStackUsage(999));
});
?>
--EXPECT--
true true true true
false
