--TEST--
Scheduler: add, parallel, start
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use Swoole\Coroutine\Scheduler;
$scheduler = new Scheduler;
$scheduler->add(function (...$arguments) { show('first', $arguments); Coroutine::sleep(0.002); show('first again'); }, 1, 2);
$scheduler->parallel(2, function ($n) { show('parallel', $n); }, 'x');
$scheduler->add(fn () => show('last'));
var_dump($scheduler->start());
show('end');
?>
--EXPECT--
first [1,2]
parallel x
parallel x
last
first again
bool(true)
end
