--TEST--
max_execution_time holds in a coroutine
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
$run = run_php(<<<'PHP'
    Swoole\Coroutine\run(function () {
        set_time_limit(1);
        while (true);
    });
    PHP);
show($run->exit, $run->signal, str_contains($run->output, 'Maximum execution time of 1 second exceeded'));
?>
--EXPECT--
255 0 true
