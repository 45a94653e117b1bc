--TEST--
getElapsed() counts milliseconds since creation
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use function Swoole\Coroutine\{go, run};
run(function () {
    $id = go(function () {
        Coroutine::sleep(0.03);
        $own = Coroutine::getElapsed();
        show(is_int($own), $own >= 29);
    });
    show(is_int(Coroutine::getElapsed($id)), Coroutine::getElapsed(777));
});
?>
--EXPECT--
true -1
true true
