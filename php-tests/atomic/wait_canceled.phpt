--TEST--
A coroutine in wait() can be cancelled, and takes no wake-up with it
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\{Atomic, Coroutine};
use function Swoole\Coroutine\{go, run};
$gate = new Atomic;
run(function () use ($gate) {
    $waiter = go(function () use ($gate) {
        show($gate->wait(-1));
    });
    show(Coroutine::cancel($waiter));
    Coroutine::sleep(0.12);
    $gate->wakeup();
    show($gate->get(), $gate->wait(1), $gate->get());
});
?>
--EXPECT--
false
true
1 true 0
