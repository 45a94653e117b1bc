<?php
/** Each worker and each task worker is killed in turn. */
return function (Trial $trial) {
    $server = $trial->serve(echo_server(...), LINES + ['worker_num' => 3, 'task_worker_num' => 2, 'dispatch_mode' => 2]);
    $plain = new Load($server, 4, fn ($client, $n) => "$client-$n");
    $tasks = new Load($server, 3, fn ($client, $n) => "task$client-$n", timeout: 1);
    $kills = 0;
    foreach (range(1, 4) as $round) {
        foreach (range(0, 4) as $id) {
            $pid = ask($server, 'pids')[$id] ?? 0;
            if ($pid > 0 && posix_kill($pid, SIGKILL)) {
                $kills++;
            }
            $trial->expect($plain->goesOn(50) && $tasks->goesOn(20), "nothing goes on after worker $id was killed");
        }
    }
    $plain->stop();
    $tasks->stop();
    $trial->expect($plain->wrong->get() + $tasks->wrong->get() === 0, 'wrong answers');
    // Of each kill, no more is lost than was begun: a packet of each client.
    $trial->expect($plain->broken->get() + $plain->silent->get() <= $kills * 4, 'too many requests lost', $plain->counts());
    $trial->expect($tasks->broken->get() + $tasks->silent->get() <= $kills * 3, 'too many tasks lost', $tasks->counts());
    $trial->note("$kills killed; {$plain->counts()}; tasks {$tasks->counts()}");
    $trial->rest($trial->settled(fn () => stats($server)));
    $trial->expect($server->child->stop() === 'exit 0', 'the server does not end');
};
