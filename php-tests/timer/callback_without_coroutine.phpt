--TEST--
enable_coroutine off: a callback runs outside of coroutines
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\{Coroutine, Timer};
swoole_async_set(['enable_coroutine' => false]);
Timer::after(1, fn () => show(Coroutine::getCid()));
Swoole\Event::wait();
?>
--EXPECT--
-1
