--TEST--
stats() counts what happened
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Table;
$table = new Table(64, 0.5);
$table->column('n', Table::TYPE_INT);
$table->create();
print json_encode($table->stats()) . "\n";
for ($i = 0; $i < 90; $i++) {
    $table->set("k$i", ['n' => $i]);
}
$table->set('k0', ['n' => 1]);
$table->incr('k0', 'n');
$table->del('k1');
$stats = $table->stats();
var_dump($stats['conflict_count'] >= 26, $stats['conflict_max_level'] >= 1);
unset($stats['conflict_count'], $stats['conflict_max_level']);
print json_encode($stats) . "\n";
foreach ($table as $key => $row) {
    $table->del($key);
}
$stats = $table->stats();
var_dump($stats['num'], $stats['delete_count'], $stats['available_slice_num'] === $stats['total_slice_num']);
?>
--EXPECT--
{"num":0,"conflict_count":0,"conflict_max_level":0,"insert_count":0,"update_count":0,"delete_count":0,"available_slice_num":32,"total_slice_num":32}
bool(true)
bool(true)
{"num":89,"insert_count":90,"update_count":2,"delete_count":1,"available_slice_num":7,"total_slice_num":32}
int(0)
int(90)
bool(true)
