--TEST--
System::sleep()
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine\System;
use function Swoole\Coroutine\{go, run};
run(function () {
    go(function () { System::sleep(0.01); show('slept'); });
    show('first');
});
?>
--EXPECT--
first
slept
