--TEST--
defer() runs in the next turn, in order
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Event;
Event::defer(function () {
    show('first');
    Event::defer(fn () => show('from a callback'));
});
Event::defer(fn () => show('second'));
show('script');
Event::wait();
?>
--EXPECT--
script
first
second
from a callback
