--TEST--
A coroutine that ended cannot be resumed
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use function Swoole\Coroutine\{go, run};
run(function () {
    $id = go(fn () => 1);
    var_dump(@Coroutine::resume($id));
});
?>
--EXPECTF--
bool(false)
