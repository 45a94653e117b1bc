--TEST--
start() inside a coroutine is refused
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
$run = run_php(<<<'PHP'
    Swoole\Coroutine\run(function () {
        (new Swoole\Process(function () { echo "child\n"; }))->start();
        echo "not reached\n";
    });
    PHP);
show($run->exit, str_contains($run->output, 'must be forked outside the coroutine'), str_contains($run->output, 'not reached'));
?>
--EXPECT--
255 true false
