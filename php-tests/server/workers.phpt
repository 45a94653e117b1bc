--TEST--
A worker that is killed, dies of an error or is reloaded has a successor; WorkerError tells why
--FILE--
<?php
require __DIR__ . '/../_lib/server.inc';
both_modes(function (int $mode) {
    $errors = temp_path();
    $server = Served::start(function ($server) use ($errors) {
        $server->on('WorkerError', fn ($server, $id, $pid, $code, $signal) => file_put_contents($errors, "worker $id code $code signal $signal\n", FILE_APPEND));
        $server->on('BeforeReload', fn () => file_put_contents($errors, "before reload\n", FILE_APPEND));
        $server->on('AfterReload', fn () => file_put_contents($errors, "after reload\n", FILE_APPEND));
        $server->on('Receive', function ($server, $fd, $reactor, $data) {
            match (trim($data)) {
                'pid' => $server->send($fd, getmypid() . "\n"),
                'kill' => posix_kill(getmypid(), SIGKILL),
                'error' => undefined_function(),
                'reload' => $server->send($fd, json_encode($server->reload()) . "\n"),
            };
        });
    }, ['worker_num' => 1, 'task_worker_num' => 0, 'max_request' => 1000], $mode);
    $noted = fn (string $line) => eventually(fn () => str_contains((string) @file_get_contents($errors), $line));
    $first = $server->ask('pid');
    fwrite($socket = $server->connect(), "kill\n");
    show($noted('signal 9'), $server->logged('abnormal exit, status=0, signal=9'));
    fclose($socket);
    $second = $server->ask('pid');
    fwrite($socket = $server->connect(), "error\n");
    show($noted('code 255'), $server->logged('abnormal exit, status=255, signal=0'));
    fclose($socket);
    $third = $server->ask('pid');
    show($server->ask('reload'), $noted('after reload'));
    $fourth = $server->ask('pid');
    show(count(array_unique(array_filter([$first, $second, $third, $fourth]))));
    echo file_get_contents($errors);
    show($server->child->stop());
});
?>
--EXPECTF--
-- base
true true

Fatal error: Uncaught Error: Call to undefined function undefined_function() in %s
%A
true true
true true
4
worker 0 code 0 signal 9
worker 0 code 255 signal 0
before reload
after reload
exit 0
-- process
true true

Fatal error: Uncaught Error: Call to undefined function undefined_function() in %s
%A
true true
true true
4
worker 0 code 0 signal 9
worker 0 code 255 signal 0
before reload
after reload
exit 0
