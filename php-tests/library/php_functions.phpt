--TEST--
swoole_exec(), swoole_shell_exec() and their kin are PHP's own functions, waiting in the coroutine
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine\Channel;
use function Swoole\Coroutine\{go, run};
run(function () {
    $channel = new Channel(5);
    took(elapsed(function () use ($channel) {
        for ($i = 0; $i < 5; $i++) {
            go(fn () => $channel->push(trim(swoole_shell_exec("sleep 0.2; echo $i"))));
        }
        for ($i = 0; $i < 5; $i++) {
            $all[] = $channel->pop();
        }
        sort($all);
        show($all);
    }), 200, 400);
    show(swoole_exec('echo one; echo two; exit 3', $lines, $code), $lines, $code);
    // Twice in the list where /etc/hosts has it for IPv6 too.
    show(array_unique(swoole_gethostbynamel('localhost')), swoole_gethostbyaddr('127.0.0.1') !== '');
    thrown(fn () => swoole_exec());
});
?>
--EXPECT--
["0","1","2","3","4"]
took about 200 ms
two ["one","two"] 3
["127.0.0.1"] true
ArgumentCountError(0): swoole_exec() expects at least 1 argument, 0 given
