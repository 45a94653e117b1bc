--TEST--
As process 1 of a container: SIGTERM ends the requests under way and then everything; orphans are reaped
--SKIPIF--
<?php
exec('unshare -fp --mount-proc true 2>&1', $output, $code);
if ($code !== 0) {
    echo 'skip platform: no process namespace may be made here';
}
?>
--FILE--
<?php
require __DIR__ . '/../_lib/server.inc';
both_modes(function (int $mode) {
    $port = free_port();
    $file = temp_path('.php');
    file_put_contents($file, '<?php $mode = ' . $mode . '; $port = ' . $port . ';' . <<<'PHP'
    $server = new Swoole\Http\Server('127.0.0.1', $port, $mode);
    $server->set(['worker_num' => 2, 'task_worker_num' => 1, 'log_level' => SWOOLE_LOG_ERROR]);
    $server->on('Task', fn () => null);
    $server->on('Request', function ($request, $response) {
        switch ($request->server['request_uri']) {
            case '/slow':
                Swoole\Coroutine::sleep(1);
                break;
            case '/orphans':
                // Their parents are gone at once, they themselves a little later.
                for ($n = 0; $n < 5; $n++) {
                    exec('(sleep 0.2 &) > /dev/null 2>&1');
                }
                break;
            case '/zombies':
                $states = array_map(fn ($stat) => preg_replace('/^.*\) (\S).*$/s', '$1', file_get_contents($stat)), glob('/proc/[0-9]*/stat'));
                $response->end(count($states) . ' ' . count(array_keys($states, 'Z')));
                return;
        }
        $response->end((string) $request->server['request_uri']);
    });
    $server->on('Start', fn ($server) => fprintf(STDERR, "%d\n", $server->master_pid));
    $server->start();
    PHP);
    $errors = temp_path();
    $process = proc_open(['unshare', '-fp', '--mount-proc', '--kill-child', ...php_command($file)], [['file', '/dev/null', 'r'], ['file', '/dev/null', 'w'], ['file', $errors, 'w']], $pipes);
    $get = fn (string $path) => file_get_contents("http://127.0.0.1:$port$path", false, stream_context_create(['http' => ['timeout' => 8]]));
    wait_for($port);
    $inside = (int) trim(file_get_contents('/proc/' . proc_get_status($process)['pid'] . '/task/' . proc_get_status($process)['pid'] . '/children'));
    show('pid', eventually(fn () => trim(file_get_contents($errors)) === '1'), $get('/orphans'));
    usleep(400_000);
    show('processes, zombies', eventually(fn () => preg_match('/^\d+ 0$/', $get('/zombies')) === 1), explode(' ', $get('/zombies'))[0]);
    $slow = stream_socket_client("tcp://127.0.0.1:$port");
    fwrite($slow, "GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
    usleep(200_000);
    posix_kill($inside, SIGTERM);
    stream_set_timeout($slow, 5);
    show(substr(stream_get_contents($slow), -5), eventually(fn () => !proc_get_status($process)['running'], 8));
});
?>
--EXPECT--
-- base
pid true /orphans
processes, zombies true 4
/slow true
-- process
pid true /orphans
processes, zombies true 5
/slow true
