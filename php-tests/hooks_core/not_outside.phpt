--TEST--
Outside of coroutines nothing is changed
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use function Swoole\Coroutine\run;
run(fn () => 1);
took(elapsed(fn () => usleep(20000)), 20);
show(file_get_contents('data:,plain'));
?>
--EXPECT--
took about 20 ms
plain
