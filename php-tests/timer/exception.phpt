--TEST--
An exception in a timer's callback is uncaught
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
$run = run_php(<<<'PHP'
    Swoole\Timer::after(1, function () { throw new RuntimeException('from a timer'); });
    Swoole\Timer::after(50, function () { echo 'not reached'; });
    Swoole\Event::wait();
    PHP);
show($run->exit, str_contains($run->output, 'Uncaught RuntimeException: from a timer'), str_contains($run->output, 'not reached'));
?>
--EXPECT--
255 true false
