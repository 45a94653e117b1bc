--TEST--
Memory that runs out in a coroutine is PHP's fatal error, no crash
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
$run = run_php(<<<'PHP'
    Swoole\Coroutine\run(function () {
        for ($i = 0; $i < 10; $i++) {
            Swoole\Coroutine\go(function () { Swoole\Coroutine::sleep(10); });
        }
        Swoole\Coroutine::sleep(0.001);
        $data = [];
        while (true) {
            $data[] = str_repeat('x', 100000);
        }
    });
    PHP, ['-d', 'memory_limit=32M']);
show($run->exit, $run->signal, str_contains($run->output, 'Allowed memory size of 33554432 bytes exhausted'));
?>
--EXPECT--
255 0 true
