--TEST--
deadlock_check off: nothing is reported
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
$run = run_php(<<<'PHP'
    Swoole\Coroutine::set(['enable_deadlock_check' => false]);
    Swoole\Coroutine\run(function () {
        Swoole\Coroutine::yield();
    });
    echo "end\n";
    PHP);
show($run->output . $run->errors, $run->exit);
?>
--EXPECT--
end
 0
