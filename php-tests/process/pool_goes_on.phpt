--TEST--
Process\Pool: a worker without coroutines goes on after a message whose callback threw, with all that it can do
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
$run = run_php(<<<'PHP'
use Swoole\{Coroutine, Process\Pool};
$pool = new Pool(2, SWOOLE_IPC_UNIXSOCK);
$pool->on('WorkerStart', function (Pool $pool, int $id) {
    if ($id === 1) {
        foreach (['throw', 'exit', 'run'] as $message) {
            $pool->sendMessage($message, 0);
        }
    }
});
$pool->on('Message', function (Pool $pool, string $message) {
    match ($message) {
        'throw' => throw new Exception('thrown'),
        'exit' => exit(1),
        'run' => Coroutine\run(function () use ($pool) {
            Coroutine::sleep(0.001);
            echo "ran, last error: ", json_encode(error_get_last()), "\n";
            $pool->shutdown();
        }),
    };
});
$pool->start();
PHP);
echo preg_replace(['/^(Stack trace:|#\d| +thrown in).*\n/m', '/ in \S+:\d+/', '/^\n/m'], '', $run->output), $run->exit, "\n";
?>
--EXPECT--
Fatal error: Uncaught Exception: thrown
ran, last error: null
0
