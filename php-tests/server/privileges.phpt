--TEST--
user, group and chroot of workers, processors of workers, pid_file, start_session_id, max_connection
--SKIPIF--
<?php
if (posix_geteuid() !== 0) {
    echo 'skip platform: only root can give up privileges';
}
?>
--FILE--
<?php
require __DIR__ . '/../_lib/server.inc';
$root = temp_path('.root');
mkdir($root);
touch("$root/inside");
$own = getmypid();
register_shutdown_function(fn () => $own === getmypid() && unlink("$root/inside") && rmdir($root));
$cpus = (int) shell_exec('nproc');
both_modes(function (int $mode) use ($root, $cpus) {
    $pidFile = temp_path('.pid');
    $serve = fn (array $settings) => Served::start(function ($server) {
        $server->on('Receive', function ($server, $fd, $reactor, $data) {
            preg_match('/^Cpus_allowed_list:\s*(.*)/m', (string) @file_get_contents('/proc/self/status'), $cpus);
            $server->send($fd, json_encode([$server->worker_id, posix_getuid(), posix_getgid(), file_exists('/inside'), $cpus[1] ?? '', $fd]) . "\n");
        });
    }, $settings, $mode);
    $server = $serve(['user' => 'nobody', 'group' => 'nogroup', 'chroot' => $root, 'pid_file' => $pidFile, 'start_session_id' => 500, 'worker_num' => 2]);
    $nobody = posix_getpwnam('nobody');
    $answer = json_decode($server->ask('x'), true);
    show($answer[1] === $nobody['uid'], $answer[2] === posix_getgrnam('nogroup')['gid'], $answer[3], $answer[5]);
    show((int) file_get_contents($pidFile) === $server->child->pid, $server->child->stop(), file_exists($pidFile));
    // Each worker has one processor, in turn.
    $server = $serve(['open_cpu_affinity' => true, 'worker_num' => 2, 'dispatch_mode' => 1]);
    $right = true;
    for ($n = 0; $n < 6; $n++) {
        [$worker, , , , $allowed] = json_decode($server->ask('x'), true);
        $right = $right && $allowed === (string) ($worker % $cpus);
    }
    show($right, $server->child->stop());
    if ($cpus > 1) {
        $server = $serve(['open_cpu_affinity' => true, 'cpu_affinity_ignore' => [0], 'worker_num' => 2]);
        $allowed = json_decode($server->ask('x'), true)[4];
        show(preg_match('/^[1-9]\d*$/', $allowed) === 1, $server->child->stop());
    } else {
        show(true, 'exit 0');
    }
    // One connection past the limit is closed at once, the others stay.
    $server = $serve(['max_connection' => 40]);
    $held = array_map(fn () => $server->connect(), range(1, 40));
    eventually(fn () => true, 0.1);
    fwrite($last = $held[39], "x\n");
    $there = fgets($last) !== false;
    $more = $server->connect();
    stream_set_timeout($more, 2);
    show($there, fgets($more), feof($more));
    fclose(array_pop($held));
    show(eventually(fn () => @json_decode((string) $server->ask('x')) !== null), $server->child->stop());
});
// What cannot be: a line in the log, and the server runs on.
$server = Served::start(fn ($server) => $server->on('Receive', fn ($server, $fd) => $server->send($fd, posix_getuid() . "\n")), ['user' => 'no-such-user', 'group' => 'no-such-group', 'chroot' => '/no/such/folder']);
show($server->ask('x'), $server->logged('get user [no-such-user] info failed'), $server->logged('get group [no-such-group] info failed'), $server->logged("chroot('/no/such/folder') failed"));
?>
--EXPECT--
-- base
true true true 501
true exit 0 false
true exit 0
true exit 0
true false true
true exit 0
-- process
true true true 501
true exit 0 false
true exit 0
true exit 0
true false true
true exit 0
0 true true true
