--TEST--
A deadlock is reported with the traces of who waits
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
$run = run_php(<<<'PHP'
    Swoole\Coroutine\run(function () {
        Swoole\Coroutine\go(function () { Swoole\Coroutine::yield(); });
        (new Swoole\Coroutine\Channel(1))->pop();
    });
    echo "end\n";
    PHP);
$all = $run->output . $run->errors;
show($run->exit, $run->signal, (bool) preg_match('/all coroutines \(count: 2\) are asleep - deadlock!/', $all));
show(str_contains($all, '[Coroutine-1]'), str_contains($all, '[Coroutine-2]'), str_contains($all, 'Swoole\Coroutine\Channel->pop()'));
show(str_contains($all, "end\n"));
?>
--EXPECTF--
0 0 true
true true true
true
