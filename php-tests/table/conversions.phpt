--TEST--
Values are converted to their column's type
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Table;
class Text { public function __toString() { return 'object'; } }
$table = new Table(64);
$table->column('i', Table::TYPE_INT);
$table->column('f', Table::TYPE_FLOAT);
$table->column('s', Table::TYPE_STRING, 16);
$table->column('12', Table::TYPE_INT);
$table->create();
$reference = '41';
foreach ([
    ['i' => '12abc', 'f' => '1.5', 's' => 12.5],
    ['i' => 2.9, 'f' => 3, 's' => true],
    ['i' => true, 'f' => false, 's' => false],
    ['i' => null, 'f' => null, 's' => null],
    ['i' => &$reference, 's' => new Text],
    ['i' => [1], 'f' => PHP_INT_MIN],
] as $values) {
    $table->set('key', $values);
    print json_encode($table->get('key')) . "\n";
}
try {
    $table->set('key', ['i' => 99, 's' => new stdClass]);
} catch (Error $error) {
    print $error->getMessage() . "\n";
}
// Nothing of the failed set() was written.
var_dump($table->get('key', 'i'), $table->get('key', 's'));
$table->set('bytes', ['s' => "\0\xff\0"]);
var_dump(bin2hex($table->get('bytes')['s']), array_key_last($table->get('bytes')));
?>
--EXPECTF--
{"i":12,"f":1.5,"s":"12.5","12":0}
{"i":2,"f":3,"s":"1","12":0}
{"i":1,"f":0,"s":"","12":0}
{"i":0,"f":0,"s":"","12":0}
{"i":41,"f":0,"s":"object","12":0}
{"i":1,"f":-9.223372036854776e+18,"s":"object","12":0}
Object of class stdClass could not be converted to string
int(1)
string(6) "object"
string(6) "00ff00"
int(12)
