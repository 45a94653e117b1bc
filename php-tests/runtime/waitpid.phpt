--TEST--
pcntl_waitpid() and pcntl_wait() suspend
--EXTENSIONS--
pcntl
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use Swoole\Runtime;
use function Swoole\Coroutine\{go, run};
$pids = [];
for ($i = 1; $i <= 3; $i++) {
    $pid = pcntl_fork();
    if ($pid === 0) {
        usleep(100_000 * $i);
        posix_kill(getmypid(), SIGKILL);
    }
    $pids[$i] = $pid;
}
run(function () use ($pids) {
    $ticks = 0;
    go(function () use (&$ticks) {
        while ($ticks < 20) {
            usleep(10_000);
            $ticks++;
        }
    });
    go(function () use ($pids) {
        var_dump(pcntl_waitpid($pids[1], $status) === $pids[1], pcntl_wtermsig($status));
    });
    go(function () use ($pids) {
        var_dump(pcntl_waitpid($pids[2], $status) === $pids[2]);
        var_dump(pcntl_wait($status) === $pids[3], pcntl_wait($status));
    });
    usleep(250_000);
    var_dump($ticks > 9);
});
?>
--EXPECT--
bool(true)
int(9)
bool(true)
bool(true)
bool(true)
int(-1)
