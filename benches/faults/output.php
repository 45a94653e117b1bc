<?php
/** Clients that ask for much and read nothing. */
return function (Trial $trial) {
    $server = $trial->serve(function ($server) {
        $server->on('Receive', function ($server, $fd, $reactor, $data) {
            $data = rtrim($data);
            if ($data === 'much') {
                for ($n = 0; $n < 100 && $server->send($fd, str_repeat('x', 1 << 20)); $n++);
                return;
            }
            $server->send($fd, ($data === 'stats' ? json_encode($server->stats()) : "echo $data") . "\r\n");
        });
    }, LINES + ['socket_buffer_size' => 2 << 20]);
    $load = new Load($server, 2, fn ($client, $n) => "$client-$n", timeout: 10);
    $deaf = [];
    for ($n = 0; $n < 40; $n++) {
        fwrite($socket = $server->connect(), "much\r\n");
        $deaf[] = $socket;
    }
    $trial->expect($load->goesOn(500), 'nobody else is served');
    $memory = 0;
    foreach ($trial->processes() as $pid) {
        preg_match('/^RssAnon:\s+(\d+)/m', (string) @file_get_contents("/proc/$pid/status"), $match);
        $memory += (int) ($match[1] ?? 0) / 1024;
    }
    // 40 times what one client may make wait, in both ends of PROCESS mode, and the processes themselves.
    $trial->expect($memory < 400, 'memory is not bounded', $memory);
    $before = cpu($trial->processes());
    $load->stop();
    sleep(1);
    $trial->note(sprintf('%s; %d MB for 40 deaf clients', $load->counts(), $memory));
    $trial->expect($load->broken->get() + $load->silent->get() + $load->wrong->get() === 0, 'requests were lost');
    // Whoever reads at last gets all of it.
    $first = array_shift($deaf);
    stream_set_timeout($first, 10);
    for ($got = 0; $got < 100 << 20 && ($bytes = fread($first, 1 << 16)); $got += strlen($bytes));
    $trial->expect($got === 100 << 20, 'a slow client does not get everything', $got);
    $deaf = $first = $socket = null;
    $trial->rest($trial->settled(fn () => stats($server)));
    $trial->expect($server->child->stop() === 'exit 0', 'the server does not end');
};
