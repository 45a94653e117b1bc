--TEST--
Rows are written, read, changed and deleted
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Table;
$table = new Table(100);
var_dump($table->size, $table->getSize(), $table->getMemorySize(), $table->count());
var_dump($table->column('id', Table::TYPE_INT), $table->column('score', Table::TYPE_FLOAT), $table->column('name', Table::TYPE_STRING, 10));
var_dump($table->create(), $table->size, $table->memorySize === $table->getMemorySize() && $table->memorySize > 0);
var_dump($table->set('a', ['id' => 7, 'name' => 'seven', 'other' => 1]));
print json_encode($table->get('a')) . "\n";
var_dump($table->set('a', ['score' => 1.5]), $table->get('a', 'score'), $table->get('a', 'name'), $table->get('a', 'other'));
var_dump($table->get('b'), $table->get('b', 'id'), $table->exists('a'), $table->exist('b'));
var_dump($table->incr('a', 'id'), $table->decr('a', 'id', 3), $table->incr('a', 'score', 0.25), $table->incr('b', 'id', '4'));
var_dump(count($table), $table->count(COUNT_RECURSIVE));
var_dump($table->del('a'), $table->del('a'), $table->delete('b'), count($table));
$table->set('a', ['id' => 1]);
print json_encode($table->get('a')) . "\n";
?>
--EXPECT--
NULL
int(128)
int(0)
int(0)
bool(true)
bool(true)
bool(true)
bool(true)
int(128)
bool(true)
bool(true)
{"id":7,"score":0,"name":"seven"}
bool(true)
float(1.5)
string(5) "seven"
bool(false)
bool(false)
bool(false)
bool(true)
bool(false)
int(8)
int(5)
float(1.75)
int(4)
int(2)
int(6)
bool(true)
bool(false)
bool(true)
int(0)
{"id":1,"score":0,"name":""}
