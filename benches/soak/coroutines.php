<?php
/**
 * php coroutines.php [COUNT]: makes and ends COUNT coroutines of every kind in turn, and prints the memory of the
 * process and its descriptors. Ends with 1 where memory has grown by more than 1 %, or a descriptor is left.
 */
use Swoole\Coroutine;
use Swoole\Coroutine\Channel;
use function Swoole\Coroutine\{go, run};

require __DIR__ . '/_lib.php';
$count = (int) ($argv[1] ?? 10_000_000);

/** Each ends before the next batch begins. */
const KINDS = ['ends', 'throws', 'sleeps', 'defers', 'talks', 'buffers', 'joins', 'canceled', 'gone deep'];

function deep(int $n): int
{
    return $n > 0 ? array_map(deep(...), [$n - 1])[0] : 0;
}

function one(string $kind, Channel $channel): void
{
    switch ($kind) {
        case 'ends':
            return;
        case 'throws':
            try {
                throw new Exception('caught');
            } catch (Exception) {
            }
            return;
        case 'sleeps':
            Coroutine::sleep(0.001);
            return;
        case 'defers':
            Coroutine::getContext()['key'] = new stdClass;
            Coroutine::defer(fn () => Coroutine::getCid());
            return;
        case 'talks':
            go(fn () => $channel->push(str_repeat('x', 100)));
            $channel->pop();
            return;
        case 'buffers':
            ob_start();
            echo 'text';
            ob_end_clean();
            return;
        case 'joins':
            Coroutine::join([go(fn () => Coroutine::sleep(0.001))]);
            return;
        case 'canceled':
            $id = go(fn () => $channel->pop(10));
            Coroutine::cancel($id);
            return;
        case 'gone deep':
            deep(20);
            return;
    }
}

$watch = new Watch($count);
run(function () use ($count, $watch) {
    // Cheap kinds make up the number, so that a run takes a minute.
    $batch = 1000;
    for ($done = 0; $done < $count;) {
        $kind = KINDS[intdiv($done, $batch) % 50] ?? 'ends';
        $channel = new Channel(1);
        for ($i = 0; $i < $batch; $i++) {
            go(one(...), $kind, $channel);
        }
        while (Coroutine::stats()['coroutine_num'] > 1) {
            Coroutine::sleep(0.001);
        }
        $watch->reached($done += $batch);
    }
});
exit($watch->verdict());
