--TEST--
cancel($id, true) throws CanceledException where the coroutine waits
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use function Swoole\Coroutine\{go, run};
run(function () {
    $id = go(function () {
        try {
            Coroutine::sleep(5);
            show('not reached');
        } catch (Coroutine\CanceledException $error) {
            show(get_class($error), Coroutine::isCanceled());
        } finally {
            show('finally');
        }
    });
    Coroutine::sleep(0.001);
    var_dump(Coroutine::cancel($id, true));
});
?>
--EXPECT--
Swoole\Coroutine\CanceledException true
finally
bool(true)
