--TEST--
max_concurrency answers 503; worker_max_concurrency lets requests wait; both are counted exactly, also over a killed worker
--FILE--
<?php
require __DIR__ . '/../_lib/server.inc';
require __DIR__ . '/../_lib/http.inc';
use Swoole\Coroutine;
both_modes(function (int $mode) {
    $peak = new Swoole\Atomic();
    $busy = new Swoole\Atomic();
    $serve = fn (array $settings) => Served::start(function ($server) use ($peak, $busy) {
        $server->on('Request', function ($request, $response) use ($server, $peak, $busy) {
            if ($request->server['request_uri'] === '/stats') {
                $response->end($server->stats()['concurrency'] . ' ' . $server->stats()['worker_concurrency']);
                return;
            }
            if ($request->server['request_uri'] === '/die') {
                posix_kill(getmypid(), SIGKILL);
            }
            $now = $busy->add();
            if ($now > $peak->get()) {
                $peak->set($now);
            }
            Coroutine::sleep(0.3);
            $busy->sub();
            $response->end('done');
        });
    }, $settings + ['worker_num' => 2], $mode, class: Swoole\Http\Server::class);
    $clients = fn (Served $server, int $count, string $path = '/') => array_map(function () use ($server, $path) {
        $client = new HttpClient("tcp://127.0.0.1:$server->port");
        $client->request('GET', $path);
        return $client;
    }, range(1, $count));
    $replies = function (array $clients) {
        $statuses = array_count_values(array_map(fn ($client) => (string) ($client->reply()?->status ?? 'none'), $clients));
        ksort($statuses);
        return $statuses;
    };
    $refusing = $serve(['max_concurrency' => 4]);
    $four = $clients($refusing, 4);
    show(eventually(fn () => $busy->get() === 4));
    show($replies($clients($refusing, 3)), $replies($four), $replies($clients($refusing, 4)));
    show('peak', $peak->get());
    $peak->set(0);

    $queueing = $serve(['worker_num' => 1, 'max_request' => 1000, 'worker_max_concurrency' => 2]);
    $six = $clients($queueing, 6);
    show($replies($six), 'peak', $peak->get());
    show($replies($clients($queueing, 1, '/stats')) + [1 => $clients($queueing, 1, '/stats')[0]->reply()->body]);
    $three = $clients($queueing, 3);
    show(eventually(fn () => $busy->get() === 2));
    $dying = $clients($queueing, 1, '/die');
    show($queueing->logged('signal=9'));
    // Of the dead worker's requests none counts any more.
    show(eventually(fn () => ($clients($queueing, 1, '/stats')[0]->reply()?->body ?? '') === '1 1'));
});
?>
--EXPECT--
-- base
true
{"503":3} {"200":4} {"200":4}
peak 4
{"200":6} peak 2
{"200":1,"1":"1 1"}
true
true
true
-- process
true
{"503":3} {"200":4} {"200":4}
peak 4
{"200":6} peak 2
{"200":1,"1":"1 1"}
true
true
true
