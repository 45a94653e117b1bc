--TEST--
max_idle_time closes silent connections and clients that do not read, not those on which something moves, nor protected ones
--FILE--
<?php
require __DIR__ . '/../_lib/server.inc';
both_modes(function (int $mode) {
    $closed = temp_path();
    $server = Served::start(function ($server) use ($closed) {
        $server->on('Receive', fn ($server, $fd, $reactor, $data) => match (trim($data)) {
            'flood' => $server->send($fd, str_repeat('x', 7_000_000)),
            'protect' => $server->send($fd, json_encode($server->protect($fd)) . "\n"),
            default => $server->send($fd, "pong\n"),
        });
        $server->on('Close', fn ($server, $fd) => file_put_contents($closed, "$fd\n", FILE_APPEND));
    }, ['max_idle_time' => 0.5], $mode);
    $silent = $server->connect();
    $stuck = $server->connect();
    fwrite($stuck, "flood\n");
    $protected = $server->connect();
    fwrite($protected, "protect\n");
    show(fgets($protected) === "true\n");
    $lively = $server->connect();
    $start = hrtime(true);
    $pongs = 0;
    while (count((array) @file($closed)) < 2 && hrtime(true) - $start < 5e9) {
        fwrite($lively, "ping\n");
        $pongs += fgets($lively) === "pong\n" ? 1 : 0;
        usleep(50_000);
        touch($closed);
    }
    $took = (hrtime(true) - $start) / 1e6;
    show($took > 450, $took < 2000, $pongs > 5);
    show(fgets($silent), feof($silent));
    fwrite($protected, "ping\n");
    show(fgets($protected));
    fwrite($lively, "ping\n");
    show(fgets($lively));
});
?>
--EXPECT--
-- base
true
true true true
false true
pong

pong

-- process
true
true true true
false true
pong

pong

