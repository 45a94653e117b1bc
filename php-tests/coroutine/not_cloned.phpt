--TEST--
The engine's objects refuse clone and serialize
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
foreach ([new Coroutine\Channel(1), new Coroutine\Scheduler, new Swoole\Atomic] as $object) {
    foreach ([fn () => clone $object, fn () => serialize($object)] as $body) {
        try {
            $body();
            show('allowed', $object::class);
        } catch (Throwable $error) {
            show($object::class, get_class($error));
        }
    }
}
?>
--EXPECT--
Swoole\Coroutine\Channel Error
Swoole\Coroutine\Channel Exception
Swoole\Coroutine\Scheduler Error
Swoole\Coroutine\Scheduler Exception
Swoole\Atomic Error
Swoole\Atomic Exception
