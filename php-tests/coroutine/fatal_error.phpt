--TEST--
A fatal error in a coroutine ends the process with PHP's message and status 255
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
$run = run_php(<<<'PHP'
    register_shutdown_function(function () { echo "shutdown: ", error_get_last()['message'] ?? 'none', "\n"; });
    Swoole\Coroutine\run(function () {
        Swoole\Coroutine\go(function () { Swoole\Coroutine::sleep(10); });
        Swoole\Coroutine::sleep(0.001);
        eval('class A { abstract function f(); }');
    });
    PHP);
show($run->exit, $run->signal);
show(str_contains($run->output, 'Fatal error:'), str_contains($run->output, 'shutdown: Class A '));
?>
--EXPECT--
255 0
true true
