--TEST--
getPcid() still tells the parent's id after the parent ended
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use function Swoole\Coroutine\{go, run};
run(function () {
    go(function () {
        go(function () {
            Coroutine::sleep(0.002);
            show(Coroutine::getPcid(), Coroutine::exists(Coroutine::getPcid()));
        });
    });
});
?>
--EXPECT--
2 false
