--TEST--
Process\Pool::start() in a coroutine, which its workers could not go on with
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
$run = run_php(<<<'PHP'
Swoole\Coroutine\run(function () {
    $pool = new Swoole\Process\Pool(1);
    $pool->on('WorkerStart', fn () => print("a worker\n"));
    $pool->start();
    echo "not reached\n";
});
PHP);
echo preg_match('/^PHP Fatal error.*|^Fatal error.*/m', $run->output, $found) ? preg_replace('/ in \S+:\d+$/', '', $found[0]) : $run->output, "\n", $run->exit, "\n";
?>
--EXPECT--
Fatal error: Uncaught Swoole\Error: must be forked outside the coroutine
255
