--TEST--
Code that runs inside of a call may destroy the table, throw, or exit
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Table;
class Text
{
    public function __construct(private Closure $do) {}
    public function __toString() { return ($this->do)(); }
}
function table(): Table
{
    $table = new Table(64);
    $table->column('s', Table::TYPE_STRING, 64);
    $table->column('n', Table::TYPE_INT);
    $table->create();
    return $table;
}
$table = table();
var_dump($table->set('k', ['s' => new Text(function () use ($table) {
    $table->set('k', ['s' => 'inner', 'n' => 5]);
    return 'outer';
})]));
print json_encode($table->get('k')) . "\n";
var_dump($table->set('k', ['s' => new Text(fn () => $table->destroy() ? 'gone' : '')]), $table->count());
$table = table();
try {
    $table->set('k', ['s' => new Text(fn () => throw new Exception('thrown'))]);
} catch (Exception $error) {
    print $error->getMessage() . ' ' . count($table) . "\n";
}
set_error_handler(fn ($level, $text) => throw new ErrorException($text));
try {
    $table->set(str_repeat('k', 64), ['n' => 1]);
} catch (ErrorException $error) {
    print 'handler ' . count($table) . "\n";
}
set_error_handler(fn () => $table->destroy());
try {
    $table->set(str_repeat('k', 64), ['n' => 1]);
} catch (Swoole\Error $error) {
    print $error->getMessage() . "\n";
}
restore_error_handler();
$run = run_php('
$t = new Swoole\Table(64); $t->column("s", 3, 8); $t->create();
class Bye { function __toString() { exit(3); } }
$t->set("k", ["s" => new Bye]);');
var_dump($run->output, $run->exit);
$run = run_php('
$t = new Swoole\Table(64); $t->column("s", 3, 6 << 20); $t->create();
$t->set("k", ["s" => str_repeat("x", 6 << 20)]);
register_shutdown_function(function () use ($t) { unset($GLOBALS["pad"]); var_dump(strlen($t->get("k", "s"))); });
$pad = str_repeat("x", 12 << 20);
$t->get("k");', ['-d', 'memory_limit=16M']);
print preg_replace('/ in .*|\(tried.*\)/', '', $run->output);
?>
--EXPECTF--
bool(true)
{"s":"outer","n":5}
bool(true)
int(0)
thrown 0
handler 0
must call constructor first
string(0) ""
int(3)

Fatal error: Allowed memory size of %d bytes exhausted 
int(6291456)
