--TEST--
A table holds the rows that it was asked for, whatever their keys; then set() fails
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Table;
foreach ([1, 64, 1000, 4096] as $rows) {
    $table = new Table($rows);
    $table->column('n', Table::TYPE_INT);
    $table->create();
    for ($i = 0; $i < $table->size; $i++) {
        if (!$table->set('user:' . $i * 1024, ['n' => $i])) {
            print "$rows: row $i refused\n";
            break;
        }
    }
    for ($i = 0; $i < $table->size; $i++) {
        if ($table->get('user:' . $i * 1024, 'n') !== $i) {
            print "$rows: row $i lost\n";
            break;
        }
    }
    print count($table) . "\n";
}
for ($i = 0; @$table->set("more $i", []); $i++);
var_dump($table->set('more', []), $table->incr('more', 'n'), $table->stats()['available_slice_num']);
var_dump($table->set('user:0', ['n' => 5]), $table->del('user:1024'), $table->set('more', []));
?>
--EXPECTF--
64
64
1024
4096

Warning: Swoole\Table::set(): failed to set('more'), unable to allocate memory in %s on line %d

Warning: Swoole\Table::incr(): unable to allocate memory in %s on line %d
bool(false)
bool(false)
int(0)
bool(true)
bool(true)
bool(true)
