--TEST--
Process and servers after a loop that used threads: they end before the fork; parent and child go on
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';

/** By a thread. */
function stored(): int
{
    return Swoole\Coroutine\System::writeFile(temp_path(), 'content');
}

function loop(): int
{
    Co\run(function () use (&$stored) {
        $stored = stored();
    });
    return $stored;
}

show('before', loop());
$process = new Swoole\Process(function (Swoole\Process $process) {
    $process->write('in the child ' . loop());
});
$process->start();
show($process->read());
show(Swoole\Process::wait()['code']);
show('afterwards', loop());

Co\run(function () {
    stored();
    thrown(fn () => new Swoole\Process(fn () => null));
});

foreach ([SWOOLE_BASE, SWOOLE_PROCESS] as $mode) {
    $port = free_port();
    $server = Child::fork(function (callable $ready) use ($mode, $port) {
        loop();
        $server = new Swoole\Http\Server('127.0.0.1', $port, $mode);
        $server->set(['worker_num' => 2, 'log_level' => SWOOLE_LOG_ERROR]);
        $server->on('workerStart', fn ($server, $id) => $id || $ready());
        $server->on('request', fn ($request, $response) => $response->end((string) stored()));
        $server->start();
    });
    $server->line();
    Co\run(function () use ($port) {
        $client = new Swoole\Coroutine\Http\Client('127.0.0.1', $port);
        $client->get('/');
        show('served', $client->body);
    });
    show($server->stop());
}
?>
--EXPECT--
before 7
in the child 7
0
afterwards 7
Error(0): unable to create Swoole\Process with async-io threads
served 7
exit 0
served 7
exit 0
