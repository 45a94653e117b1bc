--TEST--
The loop at the script's end: a notice tells that Event::wait() is missing
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
$run = run_php('Swoole\Event::defer(function () { echo "deferred\n"; }); Swoole\Timer::after(1, fn () => 1);');
show(str_contains($run->output, 'Event::wait() in shutdown function is deprecated'), str_contains($run->output, "deferred\n"), $run->exit);
?>
--EXPECT--
true true 0
