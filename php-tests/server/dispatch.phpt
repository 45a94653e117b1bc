--TEST--
dispatch_mode in PROCESS mode: requests of one connection, by modes; modes without events say so; what came of closed connections
--FILE--
<?php
require __DIR__ . '/../_lib/server.inc';
require __DIR__ . '/../_lib/http.inc';
$serve = fn (int $mode, array $more = []) => Served::start(function ($server) {
    $server->on('Request', fn ($request, $response) => $response->end((string) $server->getWorkerId()));
    $server->on('Close', function () {
    });
}, $more + ['worker_num' => 3, 'dispatch_mode' => $mode], SWOOLE_PROCESS, class: Swoole\Http\Server::class);
$workers = function (Served $server, int $requests, int $connections = 1) {
    $found = [];
    foreach (range(1, $connections) as $n) {
        $client = new HttpClient("tcp://127.0.0.1:$server->port");
        foreach (range(1, $requests) as $m) {
            $client->request('POST', '/', [], str_repeat('x', 70_000));
            $found[] = (int) $client->reply('POST')->body;
        }
    }
    return $found;
};
$round = $serve(1);
// A connection that rests is dealt out anew; what comes before its worker has given it back still goes there.
$client = new HttpClient("tcp://127.0.0.1:$round->port");
$found = [];
for ($n = 0; $n < 200 && count($found) < 3; $n++) {
    $client->request('POST', '/', [], str_repeat('x', 70_000));
    $found[$client->reply('POST')->body] = true;
    usleep(5_000);
}
show('round', count($found));
show($round->logged("cannot set 'onClose' event when using dispatch_mode=1"));
$fixed = $serve(2);
show('by fd', count(array_unique($workers($fixed, 5))), count(array_unique($workers($fixed, 1, 6))));
foreach ([3, 7, 9, 10] as $mode) {
    show($mode, count($workers($serve($mode), 5)));
}
$chosen = $serve(2, ['dispatch_func' => fn ($server, $fd, $type, $data) => $type === 0 ? 2 : 0]);
show('function', array_unique($workers($chosen, 3)));

// Pipelined requests stay in order, whoever answers them.
$client = new HttpClient("tcp://127.0.0.1:$round->port");
$client->send(str_repeat("GET / HTTP/1.1\r\nHost: x\r\n\r\n", 5));
show(count(array_filter(array_map(fn () => $client->reply()?->status === 200, range(1, 5)))));

foreach ([false, true] as $discard) {
    $seen = new Swoole\Atomic();
    $late = Served::start(function ($server) use ($seen) {
        $server->on('Receive', function ($server, $fd, $reactor, $data) use ($seen) {
            if ($data === 'slow') {
                usleep(300_000);
            } elseif ($data === 'late') {
                $seen->add();
            }
        });
    }, ['worker_num' => 1, 'dispatch_mode' => 3, 'discard_timeout_request' => $discard], SWOOLE_PROCESS);
    fwrite($first = $late->connect(), 'slow');
    usleep(50_000);
    fwrite($second = $late->connect(), 'late');
    usleep(50_000);
    fclose($second);
    usleep(400_000);
    show($discard ? 'discarded' : 'kept', $seen->get(), $discard && $late->logged('ignore data[4 bytes] received from session#2'));
}
?>
--EXPECT--
round 3
true
by fd 1 3
3 5
7 5
9 5
10 5
function [2]
5
kept 1 false
discarded 0 true
