--TEST--
task_ipc_mode 2 and 3: tasks go through a message queue; with message_queue_key they outlive the server, and others may add to it
--SKIPIF--
<?php
if (!is_file(ini_get('extension_dir') . '/sysvmsg.so')) {
    echo 'skip platform: this PHP has no sysvmsg';
}
?>
--FILE--
<?php
require __DIR__ . '/../_lib/server.inc';
use Swoole\Server\Task;

$folder = temp_path('.tasks');
mkdir($folder);
$own = getmypid();
register_shutdown_function(fn () => $own === getmypid() && rmdir($folder));
$files = fn () => count(glob("$folder/swoole.task.*"));

/** What another program does: a message of its own in the queue. */
function push(int $key, int $worker, string $message): string
{
    return run_php("var_dump(msg_send(msg_get_queue($key), $worker + 1, base64_decode('" . base64_encode($message) . "'), false, false));", ['-d', 'extension=sysvmsg'])->output;
}

foreach ([2, 3] as $ipc) {
    both_modes(function (int $mode) use ($ipc, $folder, $files) {
        echo "task_ipc_mode $ipc\n";
        $key = 0x5357_0000 + random_int(1, 0xffff);
        $done = temp_path();
        touch($done);
        $settings = ['worker_num' => 1, 'task_worker_num' => 2, 'task_ipc_mode' => $ipc, 'message_queue_key' => $key, 'task_tmpdir' => $folder];
        $busy = new Swoole\Atomic();
        $serve = fn () => Served::start(function ($server) use ($done, $busy) {
            $server->on('Task', function ($server, $id, $from, $data) use ($done, $busy) {
                if ($data === 'sleep') {
                    $busy->add();
                    sleep(30);
                }
                file_put_contents($done, (strlen($data) > 100 ? strlen($data) : $data) . "\n", FILE_APPEND);
                return $data;
            });
            $server->on('Finish', fn () => null);
            $server->on('Receive', function ($server, $fd, $reactor, $data) {
                $answer = match (explode(' ', trim($data))[0]) {
                    'wait' => $server->taskwait('waited', 5),
                    'large' => strlen($server->taskwait(str_repeat('x', 300_000), 5)),
                    'stats' => array_intersect_key($server->stats(), ['task_queue_num' => 1, 'tasking_num' => 1]),
                    default => $server->task(trim($data)) !== false,
                };
                $server->send($fd, json_encode($answer) . "\n");
            });
        }, $settings, $mode);
        $lines = function () use ($done) {
            $lines = file($done, FILE_IGNORE_NEW_LINES);
            sort($lines);
            return $lines;
        };
        $server = $serve();
        show($server->ask('wait'), $server->ask('large'), $files(), $server->ask('stats'));
        // From elsewhere: a short task, a long one, and what is no task.
        echo push($key, 0, Task::pack('outside'));
        echo push($key, 1, 'this is no task');
        show(eventually(fn () => in_array('outside', $lines())), $server->logged('bad task packet of 15 bytes'), $server->ask('stats'));
        // Both are busy when the server ends; what waits for them is done by the next server.
        file_put_contents($done, '');
        $server->ask('sleep');
        $server->ask('sleep');
        eventually(fn () => $busy->get() === 2);
        foreach (['one', 'two', 'three', str_repeat('y', 20_000)] as $task) {
            $server->ask($task);
        }
        show($server->ask('stats'), $files(), $lines());
        show($server->child->stop());
        $server = $serve();
        show(eventually(fn () => count($lines()) === 4), $lines(), $files(), $server->ask('stats'));
        // A killed worker loses what it works on, and nothing else.
        file_put_contents($done, '');
        show($server->child->stop());
        run_php("msg_remove_queue(msg_get_queue($key));", ['-d', 'extension=sysvmsg']);
    });
}

// Without a key the queue ends with the server, whoever of it is killed first.
$queues = function () {
    $private = array_filter(file('/proc/sysvipc/msg'), fn ($line) => preg_match('/^\s*0\s+\d+\s+600\s/', $line));
    return array_map(fn ($line) => preg_split('/\s+/', trim($line))[1], $private);
};
both_modes(function (int $mode) use ($queues) {
    foreach ([SIGTERM, SIGKILL] as $signal) {
        $before = $queues();
        $server = Served::start(function ($server) {
            $server->on('Task', fn () => null);
            $server->on('Receive', fn () => null);
        }, ['task_worker_num' => 1, 'task_ipc_mode' => 2], $mode);
        $own = array_diff($queues(), $before);
        $server->child->signal($signal);
        show(count($own) >= 1, $server->child->wait(), eventually(fn () => array_intersect($own, $queues()) === []));
    }
});
?>
--EXPECT--
-- base
task_ipc_mode 2
"waited" 300000 0 {"task_queue_num":0,"tasking_num":0}
bool(true)
bool(true)
true true {"task_queue_num":0,"tasking_num":0}
{"task_queue_num":4,"tasking_num":4} 1 []
exit 0
true ["20000","one","three","two"] 0 {"task_queue_num":0,"tasking_num":0}
exit 0
-- process
task_ipc_mode 2
"waited" 300000 0 {"task_queue_num":0,"tasking_num":0}
bool(true)
bool(true)
true true {"task_queue_num":0,"tasking_num":0}
{"task_queue_num":4,"tasking_num":4} 1 []
exit 0
true ["20000","one","three","two"] 0 {"task_queue_num":0,"tasking_num":0}
exit 0
-- base
task_ipc_mode 3
"waited" 300000 0 {"task_queue_num":0,"tasking_num":0}
bool(true)
bool(true)
true true {"task_queue_num":0,"tasking_num":0}
{"task_queue_num":4,"tasking_num":4} 1 []
exit 0
true ["20000","one","three","two"] 0 {"task_queue_num":0,"tasking_num":0}
exit 0
-- process
task_ipc_mode 3
"waited" 300000 0 {"task_queue_num":0,"tasking_num":0}
bool(true)
bool(true)
true true {"task_queue_num":0,"tasking_num":0}
{"task_queue_num":4,"tasking_num":4} 1 []
exit 0
true ["20000","one","three","two"] 0 {"task_queue_num":0,"tasking_num":0}
exit 0
-- base
true exit 0 true
true signal 9 true
-- process
true exit 0 true
true signal 9 true
