--TEST--
A cancelled lock() gives up, and a lock held by another process is waited for
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\{Coroutine, Process};
use function Swoole\Coroutine\{go, run};
$shared = new Coroutine\Lock(true);
$child = new Process(function (Process $child) use ($shared) {
    $shared->lock();
    $child->write('held');
    Coroutine::sleep(0.05);
    $shared->unlock();
}, false, SOCK_STREAM, true);
$child->start();
$child->read();
run(function () use ($shared) {
    $lock = new Coroutine\Lock;
    $lock->lock();
    $id = go(function () use ($lock) {
        show($lock->lock(), $lock->errCode === SWOOLE_ERROR_CO_CANCELED);
    });
    Coroutine::cancel($id);
    show($shared->lock(LOCK_EX | LOCK_NB), $shared->lock(), $shared->unlock());
});
show(Process::wait()['code']);
?>
--EXPECT--
false true
false true true
0
