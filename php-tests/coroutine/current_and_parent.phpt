--TEST--
getCid, getuid and getPcid
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use function Swoole\Coroutine\{go, run};
show(Coroutine::getCid(), Coroutine::getuid(), Coroutine::getPcid());
run(function () {
    show(Coroutine::getCid(), Coroutine::getuid(), Coroutine::getPcid());
    go(function () {
        show(Coroutine::getCid(), Coroutine::getPcid());
        go(function () {
            show(Coroutine::getCid(), Coroutine::getPcid(), Coroutine::getPcid(2), Coroutine::getPcid(1));
        });
    });
    show(Coroutine::getPcid(4242));
});
?>
--EXPECT--
-1 -1 false
1 1 -1
2 1
3 2 1 -1
false
