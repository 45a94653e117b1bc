--TEST--
exec(): output, code and signal, while others go on
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use Swoole\Coroutine\System;
use function Swoole\Coroutine\{go, run};
run(function () {
    go(function () {
        Coroutine::sleep(0.01);
        show('meanwhile');
    });
    show(System::exec('sleep 0.1; echo out; exit 3'));
    show(System::exec('kill -9 $$'));
});
?>
--EXPECT--
meanwhile
{"code":3,"signal":0,"output":"out\n"}
{"code":0,"signal":9,"output":""}
