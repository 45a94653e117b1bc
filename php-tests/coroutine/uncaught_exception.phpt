--TEST--
An exception that nobody catches ends the process with status 255
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
$run = run_php(<<<'PHP'
    Swoole\Coroutine\run(function () {
        Swoole\Coroutine\go(function () {
            Swoole\Coroutine::sleep(0.01);
            throw new RuntimeException('nobody takes me');
        });
        Swoole\Coroutine::sleep(0.5);
        echo "must not be reached\n";
    });
    echo "nor this\n";
    PHP);
show($run->exit, str_contains($run->output, 'Uncaught RuntimeException: nobody takes me'), str_contains($run->output, 'reached'), str_contains($run->output, 'nor this'));
?>
--EXPECT--
255 true false false
