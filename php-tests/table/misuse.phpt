--TEST--
What a table warns of and what it refuses
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Table;
function attempt(callable $call): void
{
    try {
        var_dump($call());
    } catch (Throwable $error) {
        print get_class($error) . ': ' . $error->getMessage() . "\n";
    }
}
$table = new Table(64);
attempt(fn () => $table->column('s', Table::TYPE_STRING));
$table->column('n', Table::TYPE_INT);
$table->column('s', Table::TYPE_STRING, 8);
$table->create();
attempt(fn () => $table->column('m', Table::TYPE_INT));
attempt(fn () => $table->incr('k', 's'));
attempt(fn () => $table->decr('k', 'nope'));
attempt(fn () => $table->create());
attempt(fn () => $table->__construct(64));
attempt(fn () => clone $table);
attempt(fn () => serialize($table));
attempt(fn () => $table['k']);
attempt(fn () => $table->set('k'));
attempt(fn () => $table->set('k', 'text'));
attempt(fn () => $table->destroy());
attempt(fn () => $table->get('k'));
var_dump($table->count(), $table->stats());
attempt(fn () => (new ReflectionClass(Table::class))->newInstanceWithoutConstructor()->create());
$huge = new Table(1 << 30);
$huge->column('s', Table::TYPE_STRING, 1 << 20);
try {
    $huge->create();
} catch (Swoole\Exception $error) {
    print strtok($error->getMessage(), ':') . ' ' . ($error->getCode() === SWOOLE_ERROR_MALLOC_FAIL ? 'code' : '') . "\n";
}
print run_php('$t = new Swoole\Table(64); $t->get("k"); echo "not reached";')->output;
?>
--EXPECTF--
Warning: Swoole\Table::column(): the length of string type values has to be more than zero in %s on line %d
bool(false)

Warning: Swoole\Table::column(): unable to add column after table has been created in %s on line %d
bool(false)

Warning: Swoole\Table::incr(): can't execute 'incr' on a string type column in %s on line %d
bool(false)

Warning: Swoole\Table::decr(): column[nope] does not exist in %s on line %d
bool(false)
Swoole\Exception: the table has been created already
Error: Constructor of Swoole\Table can only be called once
Error: Trying to clone an uncloneable object of class Swoole\Table
Exception: Serialization of 'Swoole\Table' is not allowed
Error: Cannot use object of type Swoole\Table as array
ArgumentCountError: Swoole\Table::set() expects exactly 2 arguments, 1 given
TypeError: Swoole\Table::set(): Argument #2 ($value) must be of type array, string given
bool(true)
Swoole\Error: must call constructor first
int(0)
bool(false)
Swoole\Error: must call constructor first
unable to allocate memory code

Fatal error: Swoole\Table::get(): table is not created or has been destroyed in %s on line %d
