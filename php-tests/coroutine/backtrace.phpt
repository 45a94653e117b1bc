--TEST--
getBackTrace() of a suspended coroutine
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use function Swoole\Coroutine\{go, run};
function inner(): void { Coroutine::yield(); }
function outer(): void { inner(); }
run(function () {
    $id = go('outer');
    $trace = Coroutine::getBackTrace($id);
    show(array_map(fn ($frame) => ($frame['class'] ?? '') . ($frame['type'] ?? '') . $frame['function'], $trace));
    show(basename($trace[0]['file']) === basename(__FILE__), $trace[0]['line']);
    show(count(Coroutine::getBackTrace($id, DEBUG_BACKTRACE_IGNORE_ARGS, 1)));
    show(Coroutine::getBackTrace(555));
    Coroutine::resume($id);
});
?>
--EXPECT--
["Swoole\\Coroutine::yield","inner","outer"]
true 5
1
false
