--TEST--
exists() holds from creation to the end
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use function Swoole\Coroutine\{go, run};
run(function () {
    $id = go(function () {
        show(Coroutine::exists(Coroutine::getCid()));
        Coroutine::yield();
    });
    show(Coroutine::exists($id));
    Coroutine::resume($id);
    show(Coroutine::exists($id), Coroutine::exists(0), Coroutine::exists(-1));
});
?>
--EXPECT--
true
true
false false false
