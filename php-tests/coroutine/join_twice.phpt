--TEST--
join() refuses a list that names a coroutine twice; a cancel that throws leaves its code
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
Coroutine\run(function () {
    $id = go(fn () => Coroutine::sleep(0.01));
    show(Coroutine::join([$id, $id]), swoole_last_error() === SWOOLE_ERROR_WRONG_OPERATION, Coroutine::join([$id]));
    swoole_clear_error();
    $id = go(function () {
        thrown(fn () => Coroutine::sleep(1));
        show(swoole_last_error() === SWOOLE_ERROR_CO_CANCELED);
    });
    Coroutine::cancel($id, true);
});
?>
--EXPECT--
false true true
Swoole\Coroutine\CanceledException(0): 
true
