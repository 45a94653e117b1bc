<?php
require __DIR__ . '/_lib.php';

use Swoole\{Event, Timer};

bench('timer: set and clear', 300000, function (int $n) {
    while ($n-- > 0) {
        Timer::clear(Timer::after(60000, 'strlen', ''));
    }
});
bench('timer: set 1000, and clear them', 300000, function (int $n) {
    for ($done = 0; $done < $n; $done += 1000) {
        $ids = [];
        for ($i = 0; $i < 1000; $i++) {
            $ids[] = Timer::after(10000 + $i * 7 % 1000, 'strlen', '');
        }
        array_map([Timer::class, 'clear'], $ids);
    }
});
bench('timer: fire', 100000, function (int $n) {
    $body = function () {};
    for ($i = 0; $i < $n; $i++) {
        Timer::after(1 + $i % 20, $body);
    }
    Event::wait();
});
