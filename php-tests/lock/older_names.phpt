--TEST--
The names of older versions work, and reflection does not show them
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Lock;
$lock = new Lock(SWOOLE_RWLOCK);
var_dump($lock->lock_read(), $lock->trylock_read(), $lock->trylock(), $lock->unlock(), $lock->unlock());
var_dump($lock->TryLock(), $lock->trylock_read());
$lock = new Lock;
var_dump($lock->lock());
took(elapsed(function () use ($lock) { var_dump($lock->lockwait(0.05)); }), 50);
$lock->unlock();
var_dump($lock->lockwait(), (new ReflectionClass($lock))->hasMethod('trylock'), is_callable([$lock, 'trylock']));
final class Mine extends Lock
{
    public function trylock() { return 'mine'; }
}
var_dump((new Mine)->trylock(), (new Mine)->lockwait(1));
try {
    $lock->nothing();
} catch (Error $error) {
    print $error->getMessage() . "\n";
}
?>
--EXPECT--
bool(true)
bool(true)
bool(false)
bool(true)
bool(true)
bool(true)
bool(false)
bool(true)
bool(false)
took about 50 ms
bool(true)
bool(false)
bool(true)
string(4) "mine"
bool(true)
Call to undefined method Swoole\Lock::nothing()
