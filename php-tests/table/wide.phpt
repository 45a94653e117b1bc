--TEST--
Many columns, long strings, and a string that is too long
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Table;
$table = new Table(64);
$row = [];
for ($i = 0; $i < 100; $i++) {
    $table->column("c$i", $i % 2 ? Table::TYPE_INT : Table::TYPE_STRING, 20);
    $row["c$i"] = $i % 2 ? $i : "value $i";
}
$table->column('long', Table::TYPE_STRING, 300000);
$table->create();
$row['long'] = random_bytes(300000);
var_dump($table->set('k', $row), $table->get('k') === $row, $table->get('k', 'c98'), $table->get('k', 'long') === $row['long']);
$table->set('k', ['c1' => 11]);
var_dump($table->get('k') === ['c1' => 11] + $row || $table->get('k') == array_replace($row, ['c1' => 11]));
$short = new Table(64);
$short->column('s', Table::TYPE_STRING, 8);
$short->create();
var_dump($short->set('k', ['s' => '123456789']), $short->get('k', 's'));
?>
--EXPECTF--
bool(true)
bool(true)
string(8) "value 98"
bool(true)
bool(true)
[%s]	WARNING	[key=k,field=s]string value is too long
bool(true)
string(8) "12345678"
