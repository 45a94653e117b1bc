--TEST--
Waits of a loop that was left end without touching the next loop
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\{Coroutine, Event, Timer};
use function Swoole\Coroutine\{go, run};
Coroutine::set(['enable_deadlock_check' => false]);
$left = [];
run(function () use (&$left) {
    $left[] = go(fn () => show('sleep', Coroutine::sleep(10)));
    $left[] = go(fn () => show('pop', (new Coroutine\Channel)->pop(10)));
    $left[] = go(function () {
        $socket = new Coroutine\Socket(AF_INET, SOCK_DGRAM);
        $socket->bind('127.0.0.1');
        show('recv', $socket->recv(10, 10));
    });
    Coroutine::sleep(0.001);
    Event::exit();
});
run(function () use ($left) {
    foreach ([1, 2, 3] as $n) {
        Timer::after($n, fn () => show('timer', $n));
    }
    array_map(Coroutine::cancel(...), $left);
    Coroutine::sleep(0.02);
});
?>
--EXPECT--
sleep false
pop false
recv false
timer 1
timer 2
timer 3
