--TEST--
Static variables and globals are those of the process
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use function Swoole\Coroutine\{go, run};
function counter(): int { static $n = 0; return ++$n; }
$global = 'a';
run(function () {
    go(function () {
        counter();
        $GLOBALS['global'] .= 'b';
        Coroutine::sleep(0.001);
        show(counter(), $GLOBALS['global']);
    });
    go(function () {
        counter();
        $GLOBALS['global'] .= 'c';
    });
});
?>
--EXPECT--
3 abc
