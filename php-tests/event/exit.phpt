--TEST--
Event::exit() leaves the loop
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\{Event, Timer};
Timer::tick(5, function () { show('tick'); Event::exit(); });
Event::wait();
show('end');
Timer::clearAll();
?>
--EXPECT--
tick
end
