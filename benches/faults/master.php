<?php
/** The process that started the server is killed, and its name can be taken at once. */
return function (Trial $trial) {
    $socket = temp_path('.sock');
    $pidFile = temp_path('.pid');
    $server = $trial->serve(function ($server) use ($socket) {
        echo_server($server);
        $server->listen($socket, 0, SWOOLE_SOCK_UNIX_STREAM);
    }, LINES + ['worker_num' => 3, 'task_worker_num' => 2, 'task_ipc_mode' => 2, 'pid_file' => $pidFile]);
    $load = new Load($server, 4, fn ($client, $n) => ($n % 3 ? '' : 'task') . "$client-$n");
    $trial->expect($load->goesOn(200), 'no answers');
    posix_kill($server->child->pid, SIGKILL);
    $server->child->wait();
    $start = microtime(true);
    $trial->expect(eventually(fn () => $trial->processes() === [], 8), 'the server goes on');
    $trial->note(sprintf('ended in %.1f s', microtime(true) - $start));
    $load->stop();
    $trial->expect($load->wrong->get() === 0, 'wrong answers');
    $trial->expect(!file_exists($socket), 'the socket file is left');
    $trial->expect(!file_exists($pidFile), 'the pid file is left');
};
