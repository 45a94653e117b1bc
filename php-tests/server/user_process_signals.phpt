--TEST--
A user process asks for SIGTERM itself: by a coroutine, by a handler; without either its loop ends, and then the script
--FILE--
<?php
require __DIR__ . '/../_lib/server.inc';
use Swoole\{Coroutine, Event, Process, Timer};
both_modes(function (int $mode) {
    $notes = temp_path();
    touch($notes);
    $note = fn (string $line) => file_put_contents($notes, "$line\n", FILE_APPEND);
    $server = Served::start(function ($server) use ($note) {
        $server->addProcess(new Process(function () use ($note) {
            $running = true;
            Coroutine::create(function () use (&$running, $note) {
                $note('coroutine ready');
                $note('coroutine got ' . Coroutine\System::waitSignal(SIGTERM));
                $running = false;
            });
            while ($running) {
                Coroutine::sleep(0.01);
            }
            // It takes its time, and nobody cuts it short.
            Coroutine::sleep(0.2);
            $note('coroutine done');
        }, false, SOCK_DGRAM, true));
        $server->addProcess(new Process(function () use ($note) {
            $tick = Timer::tick(10, fn () => null);
            Process::signal(SIGTERM, function (int $signal) use ($note, $tick) {
                $note("handler got $signal");
                Timer::clear($tick);
            });
            register_shutdown_function(fn () => $note('handler done'));
            $note('handler ready');
        }));
        $server->addProcess(new Process(function () use ($note) {
            Timer::tick(10, fn () => null);
            register_shutdown_function(fn () => $note('none done'));
            Timer::after(1, fn () => $note('none ready'));
        }));
        $server->on('Receive', fn ($server, $fd) => $server->send($fd, "ok\n"));
    }, ['max_wait_time' => 10], $mode);
    $lines = fn () => array_filter(explode("\n", file_get_contents($notes)));
    show(eventually(fn () => count(preg_grep('/ready$/', $lines())) === 3));
    show($server->child->stop());
    foreach (['coroutine', 'handler', 'none'] as $who) {
        show(...array_values(preg_grep("/^$who/", $lines())));
    }
});
?>
--EXPECT--
-- base
true
exit 0
coroutine ready coroutine got 15 coroutine done
handler ready handler got 15 handler done
none ready none done
-- process
true
exit 0
coroutine ready coroutine got 15 coroutine done
handler ready handler got 15 handler done
none ready none done
