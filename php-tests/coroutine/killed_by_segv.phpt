--TEST--
A SIGSEGV that somebody sends ends the process at once, and is not told as an overflow
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
$run = run_php(<<<'PHP'
    Swoole\Coroutine\run(function () {
        posix_kill(getmypid(), SIGSEGV);
        echo "alive\n";
    });
    PHP);
show($run->signal === SIGSEGV, $run->output . $run->errors === '');
?>
--EXPECT--
true true
