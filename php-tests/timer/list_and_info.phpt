--TEST--
list(), info() and stats()
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Timer;
$tick = Timer::tick(1000, fn () => 1);
$after = Timer::after(2000, fn () => 1);
$list = Timer::list();
show(get_class($list), count($list));
$ids = iterator_to_array($list, false);
sort($ids);
show($ids === [$tick, $after]);
show(Timer::info($tick));
show(array_intersect_key(Timer::info($after), ['interval' => 0, 'removed' => 0]), Timer::info(4444));
show(Timer::stats());
Timer::clearAll();
show(Timer::stats()['num']);
Swoole\Event::wait();
?>
--EXPECT--
Swoole\Timer\Iterator 2
true
{"exec_msec":1000,"exec_count":0,"interval":1000,"round":0,"removed":false}
{"interval":0,"removed":false} null
{"initialized":true,"num":2,"round":0}
0
