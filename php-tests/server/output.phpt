--TEST--
Output buffers: what was in them before start() is printed once; what a worker adds goes out when it ends
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
foreach (['base' => SWOOLE_BASE, 'process' => SWOOLE_PROCESS] as $name => $mode) {
    $run = run_php("const MODE = $mode;" . <<<'PHP'
    ob_start();
    echo "before\n";
    $server = new Swoole\Server('127.0.0.1', 0, MODE);
    $server->set(['worker_num' => 2, 'max_request' => 100]);
    $server->on('Receive', fn () => null);
    $started = new Swoole\Atomic();
    $server->on('WorkerStart', function ($server) use ($started) {
        echo "worker\n";
        if ($started->add() === 2) {
            $server->shutdown();
        }
    });
    $server->start();
    echo "after\n";
    PHP);
    show($name, explode("\n", trim($run->output)), $run->exit);
}
?>
--EXPECT--
base ["worker","worker","before","after"] 0
process ["worker","worker","before","after"] 0
