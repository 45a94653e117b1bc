--TEST--
Faults under load: killed, crashing, exiting and failing workers, garbage and half-open clients; the server goes on, and leaves nothing behind
--FILE--
<?php
require __DIR__ . '/../_lib/server.inc';
both_modes(function (int $mode) {
    $errors = temp_path();
    touch($errors);
    $server = Served::start(function ($server) use ($errors) {
        ini_set('display_errors', '0');
        $server->on('WorkerError', fn ($server, $id, $pid, $code, $signal) => file_put_contents($errors, "code $code signal $signal\n", FILE_APPEND));
        $server->on('Receive', function ($server, $fd, $reactor, $data) {
            match (trim($data)) {
                'kill' => posix_kill(getmypid(), SIGKILL),
                'segv' => posix_kill(getmypid(), SIGSEGV),
                'exit' => exit(3),
                'error' => undefined_function(),
                'memory' => str_repeat('x', 300_000_000),
                'throw' => throw new Exception('uncaught'),
                default => $server->send($fd, 'echo ' . trim($data) . "\r\n"),
            };
        });
    }, ['worker_num' => 3, 'open_eof_split' => true, 'package_eof' => "\r\n", 'package_max_length' => 100_000, 'dispatch_mode' => 2], $mode);

    // Four clients that ask one question after the other, and begin anew where a connection breaks.
    $stop = new Swoole\Atomic();
    $answers = new Swoole\Atomic();
    $wrong = new Swoole\Atomic();
    $load = array_map(fn ($n) => Child::fork(function () use ($server, $stop, $answers, $wrong, $n) {
        for ($i = 0, $socket = null; $stop->get() === 0; $i++) {
            $socket ??= @stream_socket_client("tcp://127.0.0.1:$server->port", $code, $text, 1);
            if (!$socket) {
                $socket = null;
                usleep(5000);
                continue;
            }
            stream_set_timeout($socket, 1);
            @fwrite($socket, "$n-$i\r\n");
            $answer = @fgets($socket);
            if ($answer === "echo $n-$i\r\n") {
                $answers->add();
            } else {
                // No answer is a worker's death; a wrong one would be ours.
                $wrong->add($answer === false || $answer === '' ? 0 : 1);
                fclose($socket);
                $socket = null;
            }
        }
    }), range(1, 4));

    $half = array_map(fn () => $server->connect(), range(1, 50));
    foreach ($half as $n => $socket) {
        fwrite($socket, $n % 2 ? 'half a packet' : "\0\xff" . random_bytes(100));
    }
    foreach (['kill' => 'signal 9', 'segv' => 'signal 11', 'exit' => 'code 255', 'error' => 'code 255', 'memory' => 'code 255', 'throw' => 'code 255'] as $fault => $told) {
        file_put_contents($errors, '');
        $before = $answers->get();
        fwrite($socket = $server->connect(), "$fault\r\n");
        show($fault, eventually(fn () => str_contains(file_get_contents($errors), $told), 8),
            eventually(fn () => $answers->get() > $before + 20, 8));
        fclose($socket);
    }
    // Each framing closes what it cannot take.
    fwrite($long = $server->connect(), str_repeat('x', 200_000));
    show('too long', fgets($long), feof($long));
    $stop->set(1);
    show(array_map(fn ($child) => $child->wait(), $load), $wrong->get());
    $half = null;
    show(rtrim($server->ask("last\r")), $server->child->stop());
    show(@stream_socket_client("tcp://127.0.0.1:$server->port", $code, $text, 1));
});
?>
--EXPECT--
-- base
kill true true
segv true true
exit true true
error true true
memory true true
throw true true
too long false true
["exit 0","exit 0","exit 0","exit 0"] 0
echo last exit 0
false
-- process
kill true true
segv true true
exit true true
error true true
memory true true
throw true true
too long false true
["exit 0","exit 0","exit 0","exit 0"] 0
echo last exit 0
false
