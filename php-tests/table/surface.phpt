--TEST--
Constants, interfaces and aliases
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\{Atomic, Lock, Table};
var_dump(Table::TYPE_INT, Table::TYPE_FLOAT, Table::TYPE_STRING, Lock::MUTEX, Lock::RWLOCK, Lock::SPINLOCK);
$interfaces = class_implements(Table::class);
ksort($interfaces);
print implode(' ', $interfaces) . "\n";
foreach (['swoole_table' => Table::class, 'swoole_atomic' => Atomic::class, 'swoole_atomic_long' => Atomic\Long::class, 'swoole_lock' => Lock::class] as $alias => $class) {
    var_dump((new ReflectionClass($alias))->name === $class);
}
?>
--EXPECT--
int(1)
int(2)
int(3)
int(3)
int(1)
int(5)
Countable Iterator Traversable
bool(true)
bool(true)
bool(true)
bool(true)
