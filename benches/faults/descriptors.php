<?php
/** More clients than descriptors. */
return function (Trial $trial) {
    // Enough for what the server itself opens, and a few clients.
    $most = 100;
    $server = $trial->serve(function ($server) use ($most) {
        posix_setrlimit(POSIX_RLIMIT_NOFILE, $most, $most);
        echo_server($server);
    }, LINES + ['max_connection' => 10_000]);
    $held = [];
    for ($n = 0; $n < 3 * $most; $n++) {
        $held[] = stream_socket_client("tcp://127.0.0.1:$server->port", $code, $text, 5);
    }
    usleep(300_000);
    [$before, $lines] = [cpu($trial->processes()), count(file($server->log))];
    sleep(2);
    $used = cpu($trial->processes()) - $before;
    $lines = count(file($server->log)) - $lines;
    $trial->expect($used < 0.2, 'waiting for descriptors costs time', $used);
    $trial->expect(str_contains(file_get_contents($server->log), 'accept() failed'), 'nothing is logged');
    $trial->expect($lines <= 20, 'too much is logged', $lines);
    $trial->note(sprintf('2 s without descriptors cost %.2f s and %d lines', $used, $lines));
    // Those that have a place are served, and so are the others when places become free.
    fwrite($held[0], "first\r\n");
    stream_set_timeout($held[0], 5);
    $trial->expect(fgets($held[0]) === "echo first\r\n", 'an open connection is not served');
    $last = end($held);
    $held = [];
    fwrite($last, "last\r\n");
    stream_set_timeout($last, 8);
    $trial->expect(fgets($last) === "echo last\r\n", 'the one who waited is not served');
    fclose($last);
    $trial->rest($trial->settled(fn () => stats($server)));
    $trial->expect($server->child->stop() === 'exit 0', 'the server does not end');
};
