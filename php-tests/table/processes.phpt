--TEST--
Processes share rows; whoever is killed leaves whole rows, free locks and the right count
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Table;
$table = new Table(256);
$table->column('n', Table::TYPE_INT);
$table->column('square', Table::TYPE_FLOAT);
$table->column('text', Table::TYPE_STRING, 100);
$table->create();
$children = [];
for ($i = 0; $i < 4; $i++) {
    $children[] = Child::fork(function () use ($table) {
        for ($n = 0; $n < 5000; $n++) {
            $table->incr('sum', 'n');
        }
    });
}
foreach ($children as $child) {
    $child->wait();
}
var_dump($table->get('sum', 'n'));
$table->del('sum');
function write(Table $table): void
{
    mt_srand(getmypid());
    while (true) {
        $key = 'row ' . mt_rand(0, 300);
        $n = mt_rand(0, 99);
        if (mt_rand(0, 3)) {
            @$table->set($key, ['n' => $n, 'square' => $n * $n, 'text' => str_repeat(chr($n), $n)]);
        } else {
            $table->del($key);
        }
    }
}
$children = array_map(fn () => Child::fork(fn () => write($table)), range(1, 4));
$torn = 0;
for ($kill = 0; $kill < 60; $kill++) {
    usleep(mt_rand(200, 4000));
    $victim = mt_rand(0, 3);
    $children[$victim]->signal(SIGKILL);
    $children[$victim]->wait();
    $children[$victim] = Child::fork(fn () => write($table));
    foreach ($table as $row) {
        $torn += $row['square'] != $row['n'] ** 2 || $row['text'] !== str_repeat(chr($row['n']), $row['n']);
    }
}
foreach ($children as $child) {
    $child->signal(SIGKILL);
    $child->wait();
}
$found = 0;
for ($i = 0; $i <= 300; $i++) {
    $found += $table->exists("row $i");
}
var_dump($torn, count($table) === $found, iterator_count($table) === $found);
for ($i = 0; $i <= 300; $i++) {
    $table->del("row $i");
}
for ($i = 0; $i < 256; $i++) {
    $table->set("again $i", ['n' => $i]);
}
var_dump(count($table));
?>
--EXPECTREGEX--
int\(20000\)
(\[.*WARNING.*\n)*int\(0\)
bool\(true\)
bool\(true\)
(\[.*WARNING.*\n)*int\(256\)
