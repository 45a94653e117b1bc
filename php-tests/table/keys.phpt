--TEST--
Keys of up to 63 bytes; a longer one is cut, with a warning
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Table;
$table = new Table(64);
$table->column('n', Table::TYPE_INT);
$table->create();
$keys = ['', "\0", "\0\0", '0', str_repeat('k', 62), str_repeat('k', 63), "\xff"];
foreach ($keys as $n => $key) {
    $table->set($key, ['n' => $n]);
}
foreach ($keys as $n => $key) {
    if ($table->get($key, 'n') !== $n) {
        print "key $n lost\n";
    }
}
var_dump(count($table));
var_dump($table->set(str_repeat('x', 64), ['n' => 64]), $table->get(str_repeat('x', 63), 'n'), $table->get(str_repeat('x', 70), 'n'));
var_dump($table->del(str_repeat('x', 99)));
?>
--EXPECTF--
int(7)

Warning: Swoole\Table::set(): key[%s] is too long in %s on line %d
bool(true)
int(64)
int(64)
bool(true)
