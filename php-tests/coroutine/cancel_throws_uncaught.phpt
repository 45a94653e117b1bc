--TEST--
A CanceledException that nobody catches is as fatal as another
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
$run = run_php(<<<'PHP'
    use Swoole\Coroutine;
    Coroutine\run(function () {
        $id = Coroutine\go(function () {
            Coroutine::defer(function () { echo "deferred\n"; });
            Coroutine::sleep(5);
            echo "not reached\n";
        });
        Coroutine::sleep(0.001);
        Coroutine::cancel($id, true);
        echo "nor this\n";
    });
    PHP);
show($run->exit, str_contains($run->output, 'Uncaught Swoole\Coroutine\CanceledException'), str_contains($run->output, "deferred\n"));
show(str_contains($run->output, 'reached'), str_contains($run->output, 'nor this'));
?>
--EXPECT--
255 true true
false false
