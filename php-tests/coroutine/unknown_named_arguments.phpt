--TEST--
Arguments for a callback have no names
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\{Coroutine, Timer};
$body = fn (...$values) => show($values);
thrown(fn () => Coroutine::create($body, x: 1));
thrown(fn () => Coroutine\run($body, x: 1));
thrown(fn () => Timer::after(1, $body, x: 1));
thrown(fn () => Timer::tick(1, $body, x: 1));
$scheduler = new Coroutine\Scheduler;
thrown(fn () => $scheduler->add($body, x: 1));
thrown(fn () => $scheduler->parallel(1, $body, x: 1));
Coroutine::create(func: $body);
Swoole\Event::wait();
?>
--EXPECT--
ArgumentCountError(0): Swoole\Coroutine::create() does not accept unknown named parameters
ArgumentCountError(0): Swoole\Coroutine\run() does not accept unknown named parameters
ArgumentCountError(0): Swoole\Timer::after() does not accept unknown named parameters
ArgumentCountError(0): Swoole\Timer::tick() does not accept unknown named parameters
ArgumentCountError(0): Swoole\Coroutine\Scheduler::add() does not accept unknown named parameters
ArgumentCountError(0): Swoole\Coroutine\Scheduler::parallel() does not accept unknown named parameters
[]
