--TEST--
Callables that only __call() and __callStatic() know run in coroutines, timers and deferred calls
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\{Coroutine, Event, Timer};
use function Swoole\Coroutine\{batch, go, run};
class Magic
{
    public function __call($name, $arguments)
    {
        Coroutine::sleep(0.001);
        show($name, ...$arguments);
        return $name;
    }
    public static function __callStatic($name, $arguments)
    {
        show("static $name", ...$arguments);
    }
}
$magic = new Magic;
run(function () use ($magic) {
    go([$magic, 'method'], 1, 'two');
    go('Magic::text', 3);
    go(['Magic', 'pair'], 4);
    Coroutine::sleep(0.005);
    Timer::after(1, [$magic, 'timer'], 5);
    Coroutine::sleep(0.005);
    Event::defer([$magic, 'deferred']);
    Coroutine::sleep(0.005);
    show(...batch([[$magic, 'first'], [$magic, 'second']]));
    go(function () use ($magic) {
        Coroutine::defer([$magic, 'at the end']);
        return 6;
    });
});
?>
--EXPECT--
static text 3
static pair 4
method 1 two
timer 5
deferred
first
second
first second
at the end 6
