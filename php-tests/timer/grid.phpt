--TEST--
A late tick keeps its grid, and a missed one is dropped
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Timer;
$start = hrtime(true);
$calls = [];
Timer::tick(100, function (int $id) use ($start, &$calls) {
    $calls[] = (hrtime(true) - $start) / 1e6;
    if (count($calls) === 1) {
        usleep(250000);
    }
    if (count($calls) === 4) {
        Timer::clear($id);
    }
});
Swoole\Event::wait();
// Due at 100, 200, 300 …; the callback blocks from 100 to 350, so that one call stands for 200 and 300, and then the grid goes on.
show(count($calls), $calls[1] >= 349);
foreach ([2, 3] as $i) {
    $late = fmod($calls[$i] + 1, 100);
    show($late < 60 ? 'on the grid' : "call $i at $calls[$i] ms");
}
show(round(($calls[3] - $calls[2]) / 100));
?>
--EXPECT--
4 true
on the grid
on the grid
1.0
