<?php
/** 5,000 connections that say half of something and no more; some have shut their side down. */
return function (Trial $trial) {
    $server = $trial->serve(echo_server(...), LINES + ['max_connection' => 20_000]);
    $load = new Load($server, 2, fn ($client, $n) => "$client-$n", timeout: 10);
    $held = [];
    for ($n = 0; $n < 5000; $n++) {
        $socket = @stream_socket_client("tcp://127.0.0.1:$server->port", $code, $text, 5);
        if (!$socket) {
            $trial->expect(false, "connection $n is refused: $text");
            break;
        }
        match ($n % 4) {
            0 => null,
            1 => fwrite($socket, 'half a line'),
            2 => fwrite($socket, random_bytes(100)),
            3 => fwrite($socket, 'half') && stream_socket_shutdown($socket, STREAM_SHUT_WR),
        };
        $held[] = $socket;
    }
    $trial->expect($load->goesOn(500), 'nobody else is served');
    // Those that have shut their side down are closed.
    $open = count($held) - intdiv(count($held), 4) + 2;
    $trial->expect(eventually(fn () => stats($server)['connection_num'] === $open, 10), 'half-closed connections stay', stats($server)['connection_num'], $open);
    $load->stop();
    $before = cpu($trial->processes());
    sleep(2);
    $used = cpu($trial->processes()) - $before;
    $trial->expect($used < 0.2, 'silent clients cost time', $used);
    $trial->note(sprintf('%s; 2 s of silence cost %.2f s', $load->counts(), $used));
    $trial->expect($load->broken->get() + $load->silent->get() + $load->wrong->get() === 0, 'requests were lost');
    // The rest of the line is still a line.
    fwrite($held[1], " and the rest\r\n");
    stream_set_timeout($held[1], 5);
    $trial->expect(fgets($held[1]) === "echo half a line and the rest\r\n", 'a late line is not answered');
    $held = [];
    $trial->rest($trial->settled(fn () => stats($server)));
    $trial->expect($server->child->stop() === 'exit 0', 'the server does not end');
};
