--TEST--
Mutex, read-write lock, spin lock, and the file lock and semaphore of older versions
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Lock;
/** Whether another process can take the lock right now. */
function free(Lock $lock, int $operation = LOCK_EX): bool
{
    return Child::fork(function () use ($lock, $operation) {
        exit($lock->lock($operation | LOCK_NB) && $lock->unlock() ? 0 : 1);
    })->wait() === 'exit 0';
}
foreach (['mutex' => [SWOOLE_MUTEX], 'rwlock' => [SWOOLE_RWLOCK], 'spinlock' => [SWOOLE_SPINLOCK], 'semaphore' => [4], 'file' => [2, temp_path()]] as $name => $arguments) {
    $lock = new Lock(...$arguments);
    $said = [free($lock), $lock->lock(), free($lock), $lock->unlock(), free($lock)];
    print "$name " . json_encode($said) . "\n";
}
foreach ([SWOOLE_RWLOCK, 2] as $type) {
    $lock = new Lock($type);
    print json_encode([$lock->lock(LOCK_SH), free($lock, LOCK_SH), free($lock), $lock->unlock(), free($lock)]) . "\n";
}
try {
    new Lock(6);
} catch (Swoole\Exception $error) {
    print $error->getCode() . ' ' . $error->getMessage() . "\n";
}
?>
--EXPECT--
mutex [true,true,false,true,true]
rwlock [true,true,false,true,true]
spinlock [true,true,false,true,true]
semaphore [true,true,false,true,true]
file [true,true,false,true,true]
[true,true,false,true,true]
[true,true,false,true,true]
6 this type of lock is not supported
