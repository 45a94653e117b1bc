--TEST--
What needs a coroutine ends the script outside of one
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
foreach (['Coroutine::yield()', 'Coroutine::sleep(0.01)', 'Coroutine::defer(fn () => 1)', '(new Coroutine\Channel(1))->pop()', '(new Coroutine\Channel(1))->push(1)', 'Coroutine::join([1])'] as $call) {
    $run = run_php("use Swoole\\Coroutine; try { $call; } catch (Throwable) {} echo 'goes on';");
    show($call, $run->exit, str_contains($run->output, 'Fatal error: Uncaught Swoole\Error: API must be called in the coroutine'), str_contains($run->output, 'goes on'));
}
?>
--EXPECT--
Coroutine::yield() 255 true false
Coroutine::sleep(0.01) 255 true false
Coroutine::defer(fn () => 1) 255 true false
(new Coroutine\Channel(1))->pop() 255 true false
(new Coroutine\Channel(1))->push(1) 255 true false
Coroutine::join([1]) 255 true false
