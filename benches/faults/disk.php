<?php
/** The disk of the task files, 8 MB, is full. */
return function (Trial $trial) {
    $folder = getenv('SMALL_DISK');
    $kept = new Swoole\Atomic(1);
    $server = $trial->serve(function ($server) use ($folder, $kept) {
        $server->on('Receive', function ($server, $fd, $reactor, $data) {
            $data = rtrim($data);
            if ($data === 'stats') {
                $server->send($fd, json_encode($server->stats()) . "\r\n");
                return;
            }
            $id = $server->task([$fd, str_repeat('x', (int) $data)]);
            if ($id === false) {
                $server->send($fd, 'refused ' . swoole_last_error() . "\r\n");
            }
        });
        $server->on('Task', function ($server, $id, $from, $data) use ($kept) {
            while ($kept->get()) {
                usleep(1000);
            }
            $server->send($data[0], strlen($data[1]) . "\r\n");
        });
    }, LINES + ['task_worker_num' => 1, 'task_ipc_mode' => 3, 'task_tmpdir' => $folder]);
    $ask = function (string $line) use ($server) {
        $socket = $server->connect();
        fwrite($socket, "$line\r\n");
        return $socket;
    };
    $sockets = array_map(fn () => $ask('2000000'), range(1, 10));
    $answers = [];
    $trial->expect(eventually(function () use ($sockets, &$answers) {
        foreach ($sockets as $n => $socket) {
            stream_set_blocking($socket, false);
            $line = fgets($socket);
            if ($line) {
                $answers[$n] = rtrim($line);
            }
        }
        return count($answers) >= 5;
    }), 'nobody is refused', $answers);
    $refused = count($answers);
    $trial->expect(count(array_unique($answers)) === 1 && str_starts_with(current($answers), 'refused'), 'odd answers', $answers);
    $trial->expect(str_contains(file_get_contents($server->log), 'No space left'), 'nothing is logged');
    // A short task needs no file; the long ones that had room are done.
    $short = $ask('10');
    $kept->set(0);
    $trial->expect(fgets($short) === "10\r\n", 'a short task is lost');
    foreach ($sockets as $n => $socket) {
        stream_set_blocking($socket, true);
        $trial->expect(isset($answers[$n]) || fgets($socket) === "2000000\r\n", "task $n is lost");
    }
    $late = $ask('2000000');
    $trial->expect(fgets($late) === "2000000\r\n", 'a long task fails though there is room');
    $trial->expect(glob("$folder/*") === [], 'task files are left', glob("$folder/*"));
    $trial->note("$refused of 10 refused");
    $sockets = $socket = $short = $late = null;
    $trial->rest($trial->settled(fn () => stats($server)));
    $trial->expect($server->child->stop() === 'exit 0', 'the server does not end');
};
