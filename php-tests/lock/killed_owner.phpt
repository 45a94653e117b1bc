--TEST--
The lock of a killed owner is taken over, with a notice
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Lock;
foreach ([SWOOLE_MUTEX, SWOOLE_RWLOCK, SWOOLE_SPINLOCK, 2] as $type) {
    foreach ([LOCK_EX, LOCK_SH] as $operation) {
        $lock = new Lock($type);
        $owner = Child::fork(function (callable $ready) use ($lock, $operation) {
            $lock->lock($operation);
            $ready();
            sleep(60);
        });
        $owner->line();
        $held = $lock->lock(LOCK_EX | LOCK_NB);
        $owner->signal(SIGKILL);
        $owner->wait();
        print json_encode([$held, $lock->lock(LOCK_EX, 5), $lock->unlock(), $lock->lock(LOCK_EX | LOCK_NB)]) . "\n";
    }
}
// Waiting already when the owner is killed.
$lock = new Lock;
$owner = Child::fork(function (callable $ready) use ($lock) {
    $lock->lock();
    $ready();
    sleep(60);
});
$owner->line();
$waiter = Child::fork(fn () => exit($lock->lock(LOCK_EX, 10) ? 0 : 1));
usleep(100000);
$owner->signal(SIGKILL);
$owner->wait();
print $waiter->wait() . "\n";
?>
--EXPECTF--
[%s]	WARNING	the %s of process %d, which died, was taken over
[false,true,true,true]
[%s]	WARNING	the %s of process %d, which died, was taken over
[false,true,true,true]
[%s]	WARNING	the %s of process %d, which died, was taken over
[false,true,true,true]
[%s]	WARNING	the %s of process %d, which died, was taken over
[false,true,true,true]
[%s]	WARNING	the %s of process %d, which died, was taken over
[false,true,true,true]
[%s]	WARNING	the %s of process %d, which died, was taken over
[false,true,true,true]
[false,true,true,true]
[false,true,true,true]
[%s]	WARNING	the mutex of process %d, which died, was taken over
exit 0
