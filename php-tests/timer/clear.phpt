--TEST--
clear() before it fires, twice, and of nobody
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Timer;
$id = Timer::after(5, fn () => show('must not fire'));
show(Timer::clear($id), @Timer::clear($id), @Timer::clear(98765));
Swoole\Event::wait();
show('end');
?>
--EXPECT--
true false false
end
