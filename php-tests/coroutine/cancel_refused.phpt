--TEST--
Who cannot be cancelled: itself, nobody, one that ended
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use function Swoole\Coroutine\{go, run};
run(function () {
    var_dump(@Coroutine::cancel(Coroutine::getCid()));
    show(swoole_last_error() === SWOOLE_ERROR_CO_CANNOT_CANCEL);
    var_dump(@Coroutine::cancel(4711));
    show(swoole_last_error() === SWOOLE_ERROR_CO_NOT_EXISTS);
    $id = go(fn () => 1);
    var_dump(@Coroutine::cancel($id));
});
?>
--EXPECT--
bool(false)
true
bool(false)
true
bool(false)
