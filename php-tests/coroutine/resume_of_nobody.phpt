--TEST--
resume() of an id that does not exist is false, with a warning
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use function Swoole\Coroutine\run;
run(function () {
    var_dump(Coroutine::resume(987654));
});
?>
--EXPECTF--
%AWarning: %s in %s on line %d
bool(false)
