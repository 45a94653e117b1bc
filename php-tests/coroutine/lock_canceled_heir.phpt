--TEST--
A lock whose next holder is cancelled in the same turn goes to the one after it
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use function Swoole\Coroutine\{go, run};
run(function () {
    $lock = new Coroutine\Lock;
    $lock->lock();
    $heir = go(fn () => show('first', $lock->lock()));
    go(function () use ($lock) {
        show('second', $lock->lock());
        $lock->unlock();
    });
    $lock->unlock();
    Coroutine::cancel($heir);
});
?>
--EXPECT--
first false
second true
