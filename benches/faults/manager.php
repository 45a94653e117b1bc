<?php
/** The manager is killed: no part of the server goes on alone. */
return function (Trial $trial) {
    $socket = temp_path('.sock');
    $pidFile = temp_path('.pid');
    $server = $trial->serve(function ($server) use ($socket) {
        echo_server($server);
        $server->listen($socket, 0, SWOOLE_SOCK_UNIX_STREAM);
    }, LINES + ['worker_num' => 3, 'task_worker_num' => 2, 'task_ipc_mode' => 2, 'pid_file' => $pidFile]);
    $load = new Load($server, 4, fn ($client, $n) => ($n % 3 ? '' : 'task') . "$client-$n");
    $trial->expect($load->goesOn(200), 'no answers');
    // The manager is the one that has the workers for children.
    preg_match('/^PPid:\s+(\d+)/m', file_get_contents('/proc/' . ask($server, 'pids')[0] . '/status'), $parent);
    posix_kill((int) $parent[1], SIGKILL);
    $start = microtime(true);
    $trial->expect(eventually(fn () => $trial->processes() === [], 8), 'the server goes on');
    $trial->note(sprintf('ended in %.1f s', microtime(true) - $start));
    $load->stop();
    $trial->expect($load->wrong->get() === 0, 'wrong answers');
    $trial->expect(!file_exists($socket), 'the socket file is left');
    $trial->expect(!file_exists($pidFile), 'the pid file is left');
    $server->child->wait();
};
