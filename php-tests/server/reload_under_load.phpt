--TEST--
Reloads under load lose nothing in PROCESS mode, and answer all that was begun in BASE mode; SIGTERM ends the requests under way first
--FILE--
<?php
require __DIR__ . '/../_lib/server.inc';
require __DIR__ . '/../_lib/http.inc';
both_modes(function (int $mode) {
    $reloads = new Swoole\Atomic();
    $server = Served::start(function ($server) use ($reloads) {
        $server->on('AfterReload', fn () => $reloads->add());
        $server->on('Request', function ($request, $response) {
            if ($request->server['request_uri'] === '/slow') {
                Swoole\Coroutine::sleep(0.4);
            }
            $response->end($request->server['query_string'] ?? 'none');
        });
    }, ['worker_num' => 2], $mode, class: Swoole\Http\Server::class);
    $stop = new Swoole\Atomic();
    [$answers, $lost, $wrong] = [new Swoole\Atomic(), new Swoole\Atomic(), new Swoole\Atomic()];
    $load = array_map(fn ($n) => Child::fork(function () use ($server, $mode, $stop, $answers, $lost, $wrong, $n) {
        for ($i = 0, $client = null; $stop->get() === 0; $i++) {
            $client ??= new HttpClient("tcp://127.0.0.1:$server->port");
            // In BASE mode a connection ends with its worker: there each request has its own.
            $client->request('GET', "/?$n-$i", $mode === SWOOLE_BASE ? ['Connection' => 'close'] : []);
            $reply = $client->reply();
            match (true) {
                $reply === null => $lost->add(),
                $reply->body === "$n-$i" => $answers->add(),
                default => $wrong->add(),
            };
            if ($mode === SWOOLE_BASE || !$reply) {
                $client->close();
                $client = null;
            }
        }
    }), range(1, 3));
    foreach (range(1, 10) as $n) {
        $before = $answers->get();
        $server->child->signal(SIGUSR1);
        eventually(fn () => $reloads->get() === $n && $answers->get() > $before + 10, 10);
    }
    $stop->set(1);
    show(array_map(fn ($child) => $child->wait(), $load), $reloads->get(), 'wrong', $wrong->get());
    show('lost', $mode === SWOOLE_PROCESS ? $lost->get() : $lost->get() <= 10);
    $slow = new HttpClient("tcp://127.0.0.1:$server->port");
    $slow->request('GET', '/slow?last');
    usleep(150_000);
    $server->child->signal(SIGTERM);
    show($slow->reply()?->body, $server->child->wait());
});
?>
--EXPECT--
-- base
["exit 0","exit 0","exit 0"] 10 wrong 0
lost true
last exit 0
-- process
["exit 0","exit 0","exit 0"] 10 wrong 0
lost 0
last exit 0
