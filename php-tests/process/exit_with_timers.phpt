--TEST--
Process::exit() ends a child at once, whatever it still has in its loop
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\{Coroutine, Event, Process, Timer};

final class Held
{
    public function __destruct()
    {
        echo "destructor of something that was never let go\n";
        Timer::clearAll();
    }
}
$uses = [
    'timer' => fn (Held $held) => Timer::after(60000, fn () => $held),
    'defer' => fn (Held $held) => Event::defer(fn () => $held),
    'cycle' => fn (Held $held) => Event::cycle(fn () => $held),
    'signal' => fn (Held $held) => Process::signal(SIGUSR1, fn () => $held),
    'option' => fn (Held $held) => Coroutine::set(['exit_condition' => fn () => $held]),
    'coroutine' => fn (Held $held) => go(fn () => Coroutine::sleep(60) && $held),
];
foreach ($uses as $name => $use) {
    $process = new Process(function (Process $process) use ($use) {
        $use(new Held);
        $process->exit(3);
    });
    $process->start();
    $status = Process::wait();
    show($name, $status['code'], $status['signal']);
}
?>
--EXPECT--
timer 3 0
defer 3 0
cycle 3 0
signal 3 0
option 3 0
coroutine 3 0
