--TEST--
exit() in a coroutine runs the finally blocks and defers on its way
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
$run = run_php(<<<'PHP'
    Swoole\Coroutine\run(function () {
        Swoole\Coroutine::defer(function () { echo "defer\n"; });
        try {
            try {
                exit(4);
            } finally {
                echo "finally\n";
            }
        } catch (Swoole\ExitException $exit) {
            echo 'status ', $exit->getStatus(), "\n";
        }
    });
    PHP);
show($run->output, $run->exit);
?>
--EXPECT--
finally
status 4
defer
 0
