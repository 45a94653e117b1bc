--TEST--
The admin server of BASE mode is there again when worker 0 is replaced: killed, reloaded, at its end by max_request
--FILE--
<?php
require __DIR__ . '/../_lib/server.inc';
$admin = free_port();
$served = Served::start(function ($server) {
    $server->on('Receive', fn ($server, $fd) => $server->send($fd, "x\n"));
}, ['worker_num' => 2, 'admin_server' => "127.0.0.1:$admin", 'max_request' => 5, 'max_request_grace' => 0]);
$pid = function () use ($admin) {
    $answer = @file_get_contents("http://127.0.0.1:$admin/api/getpid/worker-0", false, stream_context_create(['http' => ['timeout' => 5]]));
    return json_decode((string) $answer, true)['data']['pid'] ?? null;
};
/** Waits until another worker 0 answers. */
$successor = function (int $before) use ($pid, &$now) {
    return eventually(function () use ($before, $pid, &$now) {
        $now = $pid();
        return $now !== null && $now !== $before;
    });
};
wait_for($admin);
$first = $pid();
posix_kill($first, SIGKILL);
show('killed', $successor($first));
$second = $now;
$served->child->signal(SIGUSR1);
show('reloaded', $successor($second));
$third = $now;
for ($n = 0; $n < 200 && $pid() === $third; $n++) {
    $served->ask('x');
}
show('max_request', $successor($third));
show($served->child->stop());
?>
--EXPECT--
killed true
reloaded true
max_request true
exit 0
