--TEST--
cancel() wakes a sleeping coroutine, which sees isCanceled()
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use function Swoole\Coroutine\{go, run};
run(function () {
    $id = go(function () {
        $start = microtime(true);
        var_dump(Coroutine::sleep(5));
        show(Coroutine::isCanceled(), microtime(true) - $start < 1);
        show(swoole_last_error() === SWOOLE_ERROR_CO_CANCELED);
    });
    Coroutine::sleep(0.005);
    var_dump(Coroutine::cancel($id));
    show('creator');
});
?>
--EXPECT--
bool(false)
true true
true
bool(true)
creator
