--TEST--
The swoole_timer_* functions
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
$id = swoole_timer_tick(1000, fn () => 1);
show(swoole_timer_exists($id), swoole_timer_info($id)['interval'], count(swoole_timer_list()), swoole_timer_stats()['num']);
show(swoole_timer_clear($id), swoole_timer_exists($id));
swoole_timer_after(1, fn ($x) => show('fired', $x), 'x');
swoole_event_wait();
swoole_timer_after(1000, fn () => show('never'));
show(swoole_timer_clear_all());
swoole_event_wait();
?>
--EXPECT--
true 1000 1 1
true false
fired x
true
