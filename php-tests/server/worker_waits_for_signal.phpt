--TEST--
A worker's coroutine that waits for SIGTERM gets it, and the worker ends when its script says so; after a wait that timed out the signal is the worker's again
--FILE--
<?php
require __DIR__ . '/../_lib/server.inc';
use Swoole\Coroutine;
both_modes(function (int $mode) {
    $notes = temp_path();
    touch($notes);
    $note = fn (string $line) => file_put_contents($notes, "$line\n", FILE_APPEND);
    $server = Served::start(function ($server) use ($note) {
        $server->on('Task', fn () => null);
        $server->on('WorkerStop', fn ($server, $id) => $id === 0 ? $note('stopped') : null);
        $server->on('Receive', function ($server, $fd, $reactor, $data) use ($note) {
            if (trim($data) === 'pid') {
                $server->send($fd, getmypid() . "\n");
                return;
            }
            if (trim($data) === 'brief') {
                $got = Coroutine\System::waitSignal(SIGTERM, 0.01);
                $server->send($fd, json_encode($got) . ' ' . getmypid() . "\n");
                return;
            }
            Coroutine::create(function () use ($server, $note) {
                $note('got ' . Coroutine\System::waitSignal(SIGTERM, 10));
                // It still serves until it stops itself.
                Coroutine::sleep(0.2);
                $note('stops');
                $server->stop();
            });
            $server->send($fd, getmypid() . "\n");
        });
    }, ['max_wait_time' => 10, 'task_worker_num' => 1], $mode);
    $gone = fn (int $pid) => eventually(fn () => !posix_kill($pid, 0));
    posix_kill($first = (int) $server->ask('wait'), SIGTERM);
    show(eventually(fn () => str_contains(file_get_contents($notes), 'got')), $server->ask('pid') == $first);
    show($gone($first), str_replace("\n", ' ', trim(file_get_contents($notes))));
    [$brief, $second] = explode(' ', $server->ask('brief'));
    posix_kill((int) $second, SIGTERM);
    show($brief, $gone((int) $second), substr_count(file_get_contents($notes), 'stopped'));
    show($server->ask('pid') > 0, $server->child->stop());
});
?>
--EXPECT--
-- base
true true
true got 15 stops stopped
false true 2
true exit 0
-- process
true true
true got 15 stops stopped
false true 2
true exit 0
