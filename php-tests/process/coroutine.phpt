--TEST--
enable_coroutine: the child's body is a coroutine
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\{Coroutine, Process};
$process = new Process(function (Process $child) {
    Coroutine::create(function () {
        Coroutine::sleep(0.002);
        show('second');
    });
    show('body', Coroutine::getCid() > 0);
    Coroutine::sleep(0.005);
    show('body ends');
}, false, 1, true);
$process->start();
show(Process::wait()['code']);
?>
--EXPECT--
body true
second
body ends
0
