--TEST--
A table of a million rows that is 1 % full is iterated in proportion to what is in it
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Table;
function filled(int $rows): Table
{
    $table = new Table($rows);
    $table->column('n', Table::TYPE_INT);
    $table->create();
    for ($i = 0; $i < 10000; $i++) {
        $table->set("k$i", ['n' => $i]);
    }
    return $table;
}
function best(Table $table): float
{
    $best = INF;
    for ($try = 0; $try < 7; $try++) {
        $start = hrtime(true);
        $sum = 0;
        foreach ($table as $row) {
            $sum += $row['n'];
        }
        $best = min($best, hrtime(true) - $start);
        if ($sum !== 49995000) {
            print "sum $sum\n";
        }
    }
    return $best;
}
[$dense, $sparse] = [best(filled(10000)), best(filled(1 << 20))];
print $sparse < 4 * $dense ? "in proportion\n" : "$sparse ns against $dense\n";
?>
--EXPECT--
in proportion
