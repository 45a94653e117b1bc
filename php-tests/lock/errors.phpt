--TEST--
lock() that does not get it says why in $errCode, and keeps to its time-out
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Lock;
foreach ([SWOOLE_MUTEX, SWOOLE_SPINLOCK] as $type) {
    $lock = new Lock($type);
    var_dump($lock->errCode, $lock->lock(), $lock->lock(LOCK_EX | LOCK_NB), $lock->errCode === SOCKET_EBUSY);
    took(elapsed(fn () => $lock->lock(LOCK_EX, 0.05)), 50);
    var_dump($lock->errCode === SOCKET_ETIMEDOUT, $lock->unlock(), $lock->lock(LOCK_EX, 0.05));
}
$lock = new Lock(SWOOLE_RWLOCK);
var_dump($lock->lock(LOCK_SH), $lock->lock(LOCK_SH), $lock->lock(LOCK_EX, 0.01), $lock->errCode === SOCKET_ETIMEDOUT);
$lock->unlock();
$lock->unlock();
var_dump($lock->lock(), $lock->lock(LOCK_SH | LOCK_NB), $lock->errCode === SOCKET_EBUSY, $lock->lock(), $lock->errCode === 35 /* EDEADLK */);
try {
    $lock->__construct();
} catch (Error $error) {
    print $error->getMessage() . "\n";
}
try {
    (new ReflectionClass(Lock::class))->newInstanceWithoutConstructor()->lock();
} catch (Swoole\Error $error) {
    print $error->getMessage() . "\n";
}
?>
--EXPECT--
int(0)
bool(true)
bool(false)
bool(true)
took about 50 ms
bool(true)
bool(true)
bool(true)
int(0)
bool(true)
bool(false)
bool(true)
took about 50 ms
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
bool(false)
bool(true)
bool(true)
bool(false)
bool(true)
bool(false)
bool(true)
Constructor of Swoole\Lock can only be called once
must call constructor first
