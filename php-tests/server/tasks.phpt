--TEST--
Tasks: results by event, by callback, by waiting; large payloads, time-outs, several at once
--FILE--
<?php
require __DIR__ . '/../_lib/server.inc';
both_modes(function (int $mode) {
    $server = Served::start(function ($server) {
        $server->on('Task', function ($server, $id, $from, $data) {
            if ($data === 'slow') {
                usleep(800_000);
            }
            return is_string($data) && strlen($data) > 100_000 ? strlen($data) : ['got' => $data];
        });
        $server->on('Finish', fn ($server, $id, $data) => $server->send($data['got']['fd'], "finish event\n"));
        $server->on('Receive', function ($server, $fd, $reactor, $data) {
            $answer = match (trim($data)) {
                'event' => $server->task(['fd' => $fd]) === false ? 'refused' : null,
                'callback' => $server->task('x', -1, fn ($server, $id, $result) => $server->send($fd, "callback {$result['got']}\n")) === false ? 'refused' : null,
                'wait' => $server->taskwait(1.5),
                'large' => $server->taskwait(str_repeat('y', 3_000_000), 5),
                'late' => $server->taskwait('slow', 0.05),
                'multi' => $server->taskWaitMulti(['a', ['b'], null], 3),
                'some' => $server->taskWaitMulti(['a', 'slow'], 0.6),
                'none' => $server->taskWaitMulti(['slow'], 0.05),
                'empty' => [$server->taskWaitMulti([], 0.05), $server->taskCo([], 0.05)],
                'co' => $server->taskCo(['a', 'slow'], 0.1),
            };
            if ($answer !== null) {
                $server->send($fd, json_encode($answer) . "\n");
            }
        });
    }, ['task_worker_num' => 2], $mode);
    foreach (['event', 'callback', 'wait', 'large', 'late', 'multi', 'co', 'empty', 'some', 'none'] as $what) {
        show($what, $server->ask($what));
    }
    show($server->child->stop());
});
?>
--EXPECT--
-- base
event finish event
callback callback x
wait {"got":1.5}
large 3000000
late false
multi [{"got":"a"},{"got":["b"]},{"got":null}]
co [{"got":"a"},false]
empty [false,false]
some [{"got":"a"}]
none false
exit 0
-- process
event finish event
callback callback x
wait {"got":1.5}
large 3000000
late false
multi [{"got":"a"},{"got":["b"]},{"got":null}]
co [{"got":"a"},false]
empty [false,false]
some [{"got":"a"}]
none false
exit 0
