--TEST--
getContext(getPcid()) reaches the parent's
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use function Swoole\Coroutine\{go, run};
run(function () {
    Coroutine::getContext()['name'] = 'parent';
    go(function () {
        show(Coroutine::getContext(Coroutine::getPcid())['name']);
        Coroutine::getContext(Coroutine::getPcid())['name'] = 'changed';
    });
    show(Coroutine::getContext()['name']);
});
?>
--EXPECT--
parent
changed
