--TEST--
Response::create() of a connection that another process has: the master and another worker answer in a worker's place
--FILE--
<?php
require __DIR__ . '/../_lib/http.inc';
foreach ([SWOOLE_PROCESS, SWOOLE_BASE] as $mode) {
    $port = free_port();
    $child = Child::fork(function (callable $ready) use ($mode, $port) {
        $left = new Swoole\Table(16);
        $left->column('fd', Swoole\Table::TYPE_INT);
        $left->create();
        $answer = function ($server) use ($left, $ready) {
            foreach ($left as $key => $row) {
                $left->del($key);
                $response = Swoole\Http\Response::create($server, $row['fd']);
                $response->status(408);
                $response->header('X-From', posix_getpid() === $server->master_pid ? 'master' : 'worker');
                $ready(json_encode([$response->end('too late'), $response->isWritable(), @Swoole\Http\Response::create($server, $row['fd'] + 1000)]));
            }
        };
        $server = new Swoole\Http\Server('127.0.0.1', $port, $mode);
        $server->set(['worker_num' => 2, 'dispatch_mode' => 2, 'log_level' => SWOOLE_LOG_NONE]);
        $server->on('WorkerStart', function ($server, $id) use ($ready, $answer, $mode) {
            if ($mode === SWOOLE_BASE) {
                Swoole\Timer::tick(20, fn () => $answer($server));
            }
            $ready();
        });
        if ($mode === SWOOLE_PROCESS) {
            $server->on('Start', fn ($server) => Swoole\Timer::tick(20, fn () => $answer($server)));
        }
        $server->on('WorkerExit', fn () => Swoole\Timer::clearAll());
        $server->on('Request', function ($request, $response) use ($left) {
            $response->detach();
            $left->set((string) $request->fd, ['fd' => $request->fd]);
            // Nothing else runs in this worker meanwhile.
            usleep(300_000);
        });
        $server->start();
    });
    $child->line();
    $child->line();
    $client = new HttpClient("tcp://127.0.0.1:$port");
    $client->request('GET', '/');
    $reply = $client->reply();
    show($reply->status, $reply->header('X-From'), $reply->body, $child->line());
    $child->stop();
}
?>
--EXPECT--
408 master too late [true,false,false]
408 worker too late [true,false,false]
