--TEST--
A late tick keeps its grid, and a missed one is dropped
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Timer;
$start = hrtime(true);
$calls = [];
Timer::tick(20, function (int $id) use ($start, &$calls) {
    $calls[] = (hrtime(true) - $start) / 1e6;
    if (count($calls) === 1) {
        usleep(50000);
    }
    if (count($calls) === 4) {
        Timer::clear($id);
    }
});
Swoole\Event::wait();
// Due at 20, 40, 60 …; the callback blocks from 20 to 70, so that one call stands for 40 and 60, and then the grid goes on.
show(count($calls), $calls[1] >= 69);
foreach ([2, 3] as $i) {
    $late = fmod($calls[$i] + 1, 20);
    show($late < 12 ? 'on the grid' : "call $i at $calls[$i] ms");
}
show(round(($calls[3] - $calls[2]) / 20));
?>
--EXPECT--
4 true
on the grid
on the grid
1.0
