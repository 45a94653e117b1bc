--TEST--
Buffers inside buffers keep to their coroutine
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use function Swoole\Coroutine\{go, run};
run(function () {
    ob_start();
    echo 'creator ';
    $id = go(function () {
        show('level', ob_get_level());
        ob_start();
        ob_start();
        echo 'inner';
        Coroutine::yield();
        $inner = ob_get_clean();
        echo 'outer';
        $outer = ob_get_clean();
        show($inner, $outer);
    });
    echo 'goes on';
    $mine = ob_get_clean();
    show($mine);
    Coroutine::resume($id);
});
?>
--EXPECT--
level 0
creator goes on
inner outer
