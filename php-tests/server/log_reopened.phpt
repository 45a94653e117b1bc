--TEST--
SIGRTMIN and SIGWINCH: every process goes on in a new log file when the old one was moved away
--FILE--
<?php
require __DIR__ . '/../_lib/server.inc';
both_modes(function (int $mode) {
    foreach (['RTMIN' => 34, 'WINCH' => SIGWINCH] as $name => $signal) {
        $server = Served::start(function ($server) {
            $server->on('Receive', function ($server, $fd, $reactor, $data) {
                swoole_error_log(SWOOLE_LOG_WARNING, 'from the worker');
                $server->task('x');
                $server->send($fd, "done\n");
            });
            $server->on('Task', fn () => swoole_error_log(SWOOLE_LOG_WARNING, 'from the task worker'));
        }, ['task_worker_num' => 1, 'log_level' => SWOOLE_LOG_DEBUG], $mode);
        $server->ask('x');
        $both = fn () => $server->logged('from the worker') && $server->logged('from the task worker');
        $before = $both();
        $moved = temp_path('.moved');
        rename($server->log, $moved);
        $server->child->signal($signal);
        show($name, $before, eventually(fn () => file_exists($server->log)));
        usleep(100_000);
        $size = filesize($moved);
        $server->ask('x');
        show($both(), filesize($moved) === $size || file_get_contents($moved, offset: $size), $server->child->stop());
        unlink($server->log);
    }
});
?>
--EXPECT--
-- base
RTMIN true true
true true exit 0
WINCH true true
true true exit 0
-- process
RTMIN true true
true true exit 0
WINCH true true
true true exit 0
