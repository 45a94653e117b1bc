<?php
/** Fifty reloads; every request is answered. */
return function (Trial $trial) {
    $reloads = new Swoole\Atomic();
    $server = $trial->serve(function ($server) use ($reloads) {
        echo_server($server);
        $server->on('AfterReload', fn () => $reloads->add());
    }, LINES + ['task_worker_num' => 1]);
    // In BASE mode a connection ends with its worker: there each request has its own, and no task outlives it.
    $kinds = $trial->isProcess() ? ['', 'task', 'wait'] : ['', '', 'wait'];
    $load = new Load($server, 4, fn ($client, $n) => $kinds[$n % 3] . "$client-$n", fresh: !$trial->isProcess());
    foreach (range(1, 50) as $n) {
        $server->child->signal(SIGUSR1);
        $trial->expect(eventually(fn () => $reloads->get() === $n, 10), "reload $n does not end");
        $trial->expect($load->goesOn(20), "nothing goes on after reload $n");
    }
    $load->stop();
    $trial->note($load->counts());
    $trial->expect($load->broken->get() + $load->silent->get() + $load->wrong->get() === 0, 'requests were lost');
    $trial->rest($trial->settled(fn () => stats($server)));
    $trial->expect($server->child->stop() === 'exit 0', 'the server does not end');
};
