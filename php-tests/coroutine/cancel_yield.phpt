--TEST--
cancel() wakes a coroutine from yield(), which returns false
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use function Swoole\Coroutine\{go, run};
run(function () {
    $id = go(function () {
        var_dump(Coroutine::yield());
        show(Coroutine::isCanceled());
        var_dump(Coroutine::sleep(0.001));
        show(Coroutine::isCanceled());
    });
    var_dump(Coroutine::cancel($id));
});
?>
--EXPECT--
bool(false)
true
bool(true)
bool(true)
false
