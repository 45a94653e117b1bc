--TEST--
Server: taskCo() where it cannot work, no tasks at all, a list of no clients, a worker that is busy
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
foreach (['SWOOLE_BASE', 'SWOOLE_PROCESS'] as $mode) {
    $run = run_php(str_replace('MODE', $mode, <<<'CODE'
    set_error_handler(function ($level, $text) { echo "$text\n"; });
    $server = new Swoole\Server('127.0.0.1', 0, MODE);
    $server->set(['worker_num' => 1, 'task_worker_num' => 1, 'log_level' => SWOOLE_LOG_ERROR]);
    var_dump($server->taskCo(['x']));
    $server->on('task', function ($server, $id, $from, $data) {
        echo json_encode($server->taskCo(['x'])), "\n";
        return 'done';
    });
    $server->on('finish', function ($server, $id, $data) {
        echo json_encode([$data, $server->taskWaitMulti([]), swoole_last_error(), $server->taskCo([])]), "\n";
        $server->shutdown();
    });
    $server->on('workerStart', function ($server, $id) {
        if ($id === 0) {
            $client = stream_socket_client("tcp://127.0.0.1:$server->port");
            fwrite($client, 'x');
            $GLOBALS['client'] = $client;
        }
    });
    $server->on('receive', function ($server, $fd) {
        echo json_encode([$server->getClientList(0, 0), $server->getClientList(0, -1), count($server->getClientList(0, 1))]), "\n";
        echo json_encode([$server->getWorkerStatus(), $server->stats()['idle_worker_num']]), "\n";
        $server->task('x');
    });
    @$server->start();
    CODE), ['-d', 'error_reporting=8191']);
    echo "$mode\n", $run->output;
}
?>
--EXPECT--
SWOOLE_BASE
Swoole\Server::taskCo(): server is not running
bool(false)
[[],[],1]
[1,0]
Swoole\Server::taskCo(): taskCo method can only be used in the worker process
false
["done",false,2002,false]
SWOOLE_PROCESS
Swoole\Server::taskCo(): server is not running
bool(false)
[[],[],1]
[1,0]
Swoole\Server::taskCo(): taskCo method can only be used in the worker process
false
["done",false,2002,false]
