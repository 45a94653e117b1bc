--TEST--
printBackTrace() writes a trace like debug_print_backtrace()
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use function Swoole\Coroutine\{go, run};
function waits(): void { Coroutine::yield(); }
run(function () {
    $id = go('waits');
    Coroutine::printBackTrace($id);
    Coroutine::resume($id);
});
?>
--EXPECTF--
#0 %s(%d): Swoole\Coroutine::yield()
#1 [internal function]: waits()
