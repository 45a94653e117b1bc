--TEST--
Manager or master killed: every process ends, also one that is busy, and no socket file, pid file or queue is left; another server's are not touched
--FILE--
<?php
require __DIR__ . '/../_lib/server.inc';
/** Live processes of a session. */
$session = fn (int $id) => array_filter(glob('/proc/[0-9]*/stat'), fn ($file) => preg_match("/\\) [^Z] \\d+ \\d+ $id /", (string) @file_get_contents($file)));
both_modes(function (int $mode) use ($session) {
    foreach (['manager', 'master'] as $who) {
        $socket = temp_path('.sock');
        $pidFile = temp_path('.pid');
        $server = Served::start(function ($server) use ($socket) {
            posix_setsid();
            $server->listen($socket, 0, SWOOLE_SOCK_UNIX_STREAM);
            $server->addProcess(new Swoole\Process(fn () => sleep(100)));
            $server->on('Receive', function ($server, $fd, $reactor, $data) {
                if ($data === "busy\n") {
                    $server->send($fd, "now\n");
                    // What only a kill ends, where somebody is left to do it.
                    for ($end = microtime(true) + ($server->mode === SWOOLE_PROCESS ? 30 : 1); microtime(true) < $end;);
                }
                $server->send($fd, $server->manager_pid . "\n");
            });
            $server->on('Task', fn () => null);
        }, ['worker_num' => 2, 'task_worker_num' => 1, 'pid_file' => $pidFile, 'max_wait_time' => 1], $mode);
        $pid = $who === 'master' ? $server->child->pid : (int) $server->ask('who');
        fwrite($busy = $server->connect(), "busy\n");
        fgets($busy);
        // The user process is forked last.
        $all = $mode === SWOOLE_BASE ? 5 : 6;
        $before = eventually(fn () => count($session($server->child->pid)) === $all);
        posix_kill($pid, SIGKILL);
        show($who, $before, eventually(fn () => count($session($server->child->pid)) === 0, 8), file_exists($socket), file_exists($pidFile));
        $server->child->wait();
    }
});
// A killed server's place was taken before its last process ended.
$socket = temp_path('.sock');
$start = fn (int $wait) => Served::start(function ($server) use ($socket, $wait) {
    $server->listen($socket, 0, SWOOLE_SOCK_UNIX_STREAM);
    $server->on('Receive', fn ($server, $fd) => usleep($wait) || $server->send($fd, "done\n"));
}, ['worker_num' => 2]);
$old = $start(500_000);
$log = $old->connect();
fwrite($log, "x\n");
usleep(50_000);
$old->child->signal(SIGKILL);
$old->child->wait();
$new = $start(0);
usleep(700_000);
$client = stream_socket_client("unix://$socket");
fwrite($client, "x\n");
show(fgets($client), $new->child->stop(), file_exists($socket));
?>
--EXPECT--
-- base
manager true true false false
master true true false false
-- process
manager true true false false
master true true false false
done
 exit 0 false
