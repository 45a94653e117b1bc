--TEST--
Process::signal() calls back in the loop
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\{Event, Process, Timer};
show(Process::signal(SIGUSR1, function (int $signal) {
    show($signal === SIGUSR1);
    Process::signal(SIGUSR1, null);
    Timer::clearAll();
}));
Timer::after(5, fn () => Process::kill(getmypid(), SIGUSR1));
Timer::tick(5000, fn () => 1);
Event::wait();
show('end');
?>
--EXPECT--
true
true
end
