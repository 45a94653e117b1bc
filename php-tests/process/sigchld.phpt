--TEST--
SIGCHLD and a wait that does not block reap children in the loop
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\{Event, Process, Timer};
$left = 3;
Process::signal(SIGCHLD, function () use (&$left) {
    while ($status = Process::wait(false)) {
        $left--;
        show('code', $status['code'] >= 1);
    }
    if ($left === 0) {
        Process::signal(SIGCHLD, null);
        Timer::clearAll();
    }
});
for ($i = 1; $i <= 3; $i++) {
    (new Process(function () use ($i) { usleep(10000 * $i); exit($i); }))->start();
}
Timer::tick(1000, fn () => 1);
Event::wait();
show($left);
?>
--EXPECT--
code true
code true
code true
0
