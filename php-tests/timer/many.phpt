--TEST--
Ten thousand timers
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Timer;
$count = 0;
$late = 0;
$start = hrtime(true);
mt_srand(7);
for ($i = 0; $i < 10000; $i++) {
    $ms = mt_rand(1, 100);
    Timer::after($ms, function () use (&$count, &$late, $ms, $start) {
        $count++;
        $late += (hrtime(true) - $start) / 1e6 < $ms - 1 ? 1 : 0;
    });
}
$cleared = [];
for ($i = 0; $i < 5000; $i++) {
    $cleared[] = Timer::after(50, fn () => show('cleared and fired'));
}
array_map([Timer::class, 'clear'], $cleared);
Swoole\Event::wait();
show($count, $late);
?>
--EXPECT--
10000 0
