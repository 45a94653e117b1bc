--TEST--
Scheduler::set and getOptions
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use Swoole\Coroutine\Scheduler;
$scheduler = new Scheduler;
show($scheduler->getOptions());
$scheduler->set(['max_coroutine' => 50, 'hook_flags' => 0]);
$options = $scheduler->getOptions();
ksort($options);
show($options);
$scheduler->add(fn () => show(Swoole\Coroutine::getOptions()['max_coroutine']));
$scheduler->start();
?>
--EXPECT--
null
{"hook_flags":0,"max_coroutine":50}
50
