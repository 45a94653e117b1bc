--TEST--
Process\Pool: how a worker ends, and what the pool says of it
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
$code = <<<'PHP'
use Swoole\{Atomic, Process\Pool};
register_shutdown_function(function () { echo "shutdown function\n"; });
$starts = new Atomic;
$pool = new Pool(1, SWOOLE_IPC_NONE, 0, COROUTINE);
$pool->on('WorkerStart', function (Pool $pool) use ($starts) {
    if ($starts->add() > 1) {
        // SIGTERM ends it here.
        $pool->shutdown();
        sleep(5);
        return;
    }
    END_OF_WORKER
});
$pool->on('WorkerStop', function () use ($starts) { echo $starts->get() === 1 ? "worker stopped\n" : ''; });
$pool->on('Shutdown', function () { echo "pool shut down\n"; });
$pool->start();
echo "back\n";
PHP;
$ends = ['exit(3);', 'throw new Exception("thrown");', 'no_such_function();', 'trigger_error("fatal", E_USER_ERROR);', 'posix_kill(getmypid(), SIGKILL);'];
foreach ([false, true] as $coroutine) {
    foreach ($ends as $end) {
        echo '--- ', $coroutine ? 'coroutine: ' : 'plain: ', $end, "\n";
        $program = strtr($code, ['COROUTINE' => var_export($coroutine, true), 'END_OF_WORKER' => $end]);
        $run = run_php($program, []);
        $text = preg_replace(['/^(Stack trace:|#\d| +thrown in).*\n/m', '/ in \S+\.php(:| on line )\d+/', '/pid=\d+/', '/^\[[^\]]*\]\s*/m', '/^\s*\n/m'], ['', '', 'pid=N', '', ''], $run->output . $run->errors);
        echo $text, $run->exit, "\n";
    }
}
?>
--EXPECT--
--- plain: exit(3);
worker stopped
pool shut down
back
shutdown function
0
--- plain: throw new Exception("thrown");
Fatal error: Uncaught Exception: thrown
worker stopped
pool shut down
back
shutdown function
0
--- plain: no_such_function();
Fatal error: Uncaught Error: Call to undefined function no_such_function()
worker stopped
pool shut down
back
shutdown function
0
--- plain: trigger_error("fatal", E_USER_ERROR);
Fatal error: fatal
shutdown function
pool shut down
back
shutdown function
0
--- plain: posix_kill(getmypid(), SIGKILL);
WARNING	Pool::watch(): worker(pid=N, id=0) abnormal exit, status=0, signal=9
pool shut down
back
shutdown function
0
--- coroutine: exit(3);
Fatal error: Uncaught Swoole\ExitException: swoole exit
shutdown function
pool shut down
back
shutdown function
0
--- coroutine: throw new Exception("thrown");
Fatal error: Uncaught Exception: thrown
shutdown function
pool shut down
back
shutdown function
0
--- coroutine: no_such_function();
Fatal error: Uncaught Error: Call to undefined function no_such_function()
shutdown function
pool shut down
back
shutdown function
0
--- coroutine: trigger_error("fatal", E_USER_ERROR);
Fatal error: fatal
shutdown function
pool shut down
back
shutdown function
0
--- coroutine: posix_kill(getmypid(), SIGKILL);
WARNING	Pool::watch(): worker(pid=N, id=0) abnormal exit, status=0, signal=9
pool shut down
back
shutdown function
0