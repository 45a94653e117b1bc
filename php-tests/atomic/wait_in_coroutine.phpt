--TEST--
In a coroutine wait() suspends it, and is woken by a coroutine or by another process
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\{Atomic, Coroutine};
use function Swoole\Coroutine\{go, run};
[$gate, $other] = [new Atomic, new Atomic];
$child = Child::fork(function () use ($other) {
    usleep(60000);
    $other->wakeup();
});
run(function () use ($gate, $other) {
    $ticks = 0;
    $done = false;
    go(function () use (&$ticks, &$done) {
        while (!$done) {
            Coroutine::sleep(0.005);
            $ticks++;
        }
    });
    took(elapsed(function () use ($gate) {
        go(function () use ($gate) {
            Coroutine::sleep(0.03);
            $gate->wakeup();
        });
        var_dump($gate->wait(5));
    }), 30);
    var_dump($gate->get());
    var_dump($other->wait(5));
    took(elapsed(function () use ($gate) { var_dump($gate->wait(0.02)); }), 20);
    $gate->set(5);
    took(elapsed(function () use ($gate) { var_dump($gate->wait(1)); }), 0);
    $done = true;
    var_dump($ticks > 5);
});
var_dump($child->wait());
?>
--EXPECT--
bool(true)
took about 30 ms
int(0)
bool(true)
bool(false)
took about 20 ms
bool(false)
took about 0 ms
bool(true)
string(6) "exit 0"
