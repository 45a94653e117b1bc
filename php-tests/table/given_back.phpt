--TEST--
Memory is given back with the object, and nothing is left under /dev/shm
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\{Atomic, Lock, Table};
$before = scandir('/dev/shm');
function shared_kb(): int
{
    preg_match('/RssShmem:\s+(\d+)/', file_get_contents('/proc/self/status'), $found);
    return (int) $found[1];
}
$make = function () {
    $table = new Table(1024);
    $table->column('s', Table::TYPE_STRING, 4096);
    $table->create();
    for ($i = 0; $i < 1024; $i++) {
        $table->set("k$i", ['s' => str_repeat('x', 4096)]);
    }
    return $table;
};
$make();
$base = shared_kb();
$table = $make();
$held = shared_kb() - $base;
unset($table);
for ($i = 0; $i < 20; $i++) {
    $make();
}
$atomics = [];
for ($i = 0; $i < 10000; $i++) {
    $atomics[] = new Atomic($i);
    $atomics[] = new Lock;
}
unset($atomics);
var_dump($held > 4096, shared_kb() - $base < 1024, scandir('/dev/shm') === $before);
$maps = array_filter(file('/proc/self/maps'), fn ($line) => str_contains($line, '/dev/zero (deleted)'));
var_dump(count($maps) < 20);
?>
--EXPECT--
bool(true)
bool(true)
bool(true)
bool(true)
