--TEST--
Processes that count one after another under a lock lose nothing
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\{Atomic, Lock};
foreach ([SWOOLE_MUTEX, SWOOLE_RWLOCK, SWOOLE_SPINLOCK, 2] as $type) {
    $lock = new Lock($type);
    $n = new Atomic\Long;
    $children = array_map(fn () => Child::fork(function () use ($lock, $n) {
        for ($i = 0; $i < 3000; $i++) {
            $lock->lock();
            $n->set($n->get() + 1);
            $lock->unlock();
        }
    }), range(1, 3));
    foreach ($children as $child) {
        $child->wait(30);
    }
    print $n->get() . "\n";
}
// Any process may free it.
$lock = new Lock;
$lock->lock();
$waiter = Child::fork(fn () => exit($lock->lock(LOCK_EX, 5) && $lock->unlock() ? 0 : 1));
Child::fork(fn () => $lock->unlock())->wait();
print $waiter->wait() . "\n";
?>
--EXPECT--
9000
9000
9000
9000
exit 0
