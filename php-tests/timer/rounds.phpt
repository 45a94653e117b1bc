--TEST--
A timer is called in the round after the one that it was made in
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\{Event, Timer};
$n = 0;
show(Event::cycle(null));
Event::cycle(function () use (&$n) {
    show('cycle', $n);
    if (++$n === 3) {
        Event::cycle(null);
    }
});
Timer::after(5, function () {
    show('first', Timer::stats()['round']);
    Timer::after(5, function () {
        show('second', Timer::stats()['round']);
    });
    Event::defer(fn () => show('deferred'));
});
Event::wait();
?>
--EXPECT--
false
cycle 0
first 1
deferred
cycle 1
second 2
cycle 2
