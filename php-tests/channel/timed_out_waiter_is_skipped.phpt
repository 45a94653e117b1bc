--TEST--
A value goes to a waiter that still waits, not to one that timed out
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use Swoole\Coroutine\Channel;
use function Swoole\Coroutine\{go, run};
run(function () {
    $channel = new Channel(1);
    go(fn () => show('impatient', $channel->pop(0.005)));
    go(fn () => show('patient', $channel->pop()));
    Coroutine::sleep(0.02);
    $channel->push('value');
});
?>
--EXPECT--
impatient false
patient value
