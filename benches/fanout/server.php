<?php
/** Called by benches/fanout/run: a WebSocket server of two workers that sends to all its clients at a fixed pace. Arguments: port. */
use Swoole\{Atomic, Timer};
use Swoole\Http\{Request, Response};
use Swoole\WebSocket\{Frame, Server};

$go = new Atomic(0);
$open = new Atomic(0);
$server = new Server('127.0.0.1', (int) $argv[1], SWOOLE_BASE);
$server->set(['worker_num' => 2, 'max_connection' => 50000, 'log_level' => SWOOLE_LOG_NONE, 'backlog' => 4096]);
$mine = [];
$server->on('Open', function (Server $server, Request $request) use (&$mine, $open) {
    $mine[$request->fd] = true;
    $open->add(1);
});
$server->on('Close', function (Server $server, int $fd) use (&$mine) {
    unset($mine[$fd]);
});
$server->on('Message', fn () => null);
$server->on('WorkerStart', function (Server $server) use (&$mine, $go) {
    $pushed = 0;
    // A tenth of the clients at each tick, so that the load is even: every client gets `rate` messages in all its turns.
    Timer::tick(10, function (int $timer) use ($server, &$mine, $go, &$pushed) {
        static $number = 0, $rest = [], $end = 0;
        if ($go->get() === 0) {
            return;
        }
        if (!$rest) {
            if ($number === $go->get()) {
                Timer::clear($timer);
                return;
            }
            $number++;
            $rest = array_chunk(array_keys($mine), max(1, (int) ceil(count($mine) / 100)));
        }
        foreach (array_shift($rest) as $fd) {
            $server->push($fd, str_pad((string) $number, 60));
        }
    });
});
// The client's orders: how many are open; send so many rounds.
$server->on('Request', function (Request $request, Response $response) use ($go, $open) {
    if (isset($request->get['rounds'])) {
        $go->set((int) $request->get['rounds']);
    }
    $response->end((string) $open->get());
});
$server->start();
