--TEST--
Iterating meets every row once, also while rows come, change and go
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Table;
$table = new Table(1024);
$table->column('n', Table::TYPE_INT);
$table->create();
var_dump($table->valid(), $table->key(), $table->current());
for ($i = 0; $i < 500; $i++) {
    $table->set("key $i", ['n' => $i]);
}
$seen = [];
foreach ($table as $key => $row) {
    $seen[$key] = $row['n'];
}
ksort($seen, SORT_NATURAL);
var_dump($seen === array_combine(array_map(fn ($i) => "key $i", range(0, 499)), range(0, 499)));
$seen = [];
foreach ($table as $key => $row) {
    $seen[] = $key;
    $table->incr($key, 'n', 1000);
    $table->set("new $key", ['n' => -1]);
    $table->del("new $key");
    if ($row['n'] % 2) {
        $table->del($key);
    }
}
var_dump(count($seen), count(array_unique($seen)), count($table));
foreach ($table as $key => $row) {
    $table->del($key);
}
var_dump(count($table), $table->valid(), $table->key());
$table->set('', ['n' => 1]);
$table->rewind();
var_dump($table->valid(), $table->key(), $table->current());
$table->next();
var_dump($table->valid(), iterator_count($table));
?>
--EXPECT--
bool(false)
NULL
NULL
bool(true)
int(500)
int(500)
int(250)
int(0)
bool(false)
NULL
bool(true)
string(0) ""
array(1) {
  ["n"]=>
  int(1)
}
bool(false)
int(1)
