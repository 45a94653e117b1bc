--TEST--
An exit() that nobody catches is an uncaught ExitException; shutdown functions run
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
foreach (['exit(7);', 'exit(0);', 'Swoole\Coroutine::sleep(0.01); exit(7);', '(function () { exit(7); })();'] as $code) {
    $run = run_php(<<<PHP
        register_shutdown_function(function () { echo "shutdown"; });
        Swoole\\Coroutine\\run(function () {
            Swoole\\Coroutine\\go(function () { Swoole\\Coroutine::sleep(0.2); echo "other"; });
            $code
            echo "after";
        });
        PHP);
    show($run->exit, $run->signal, str_contains($run->output, 'Uncaught Swoole\ExitException: swoole exit'), str_ends_with($run->output, 'shutdown'));
    show(str_contains($run->output, 'other'), str_contains($run->output, 'after'));
}
?>
--EXPECT--
255 0 true true
false false
255 0 true true
false false
255 0 true true
false false
255 0 true true
false false
