--TEST--
Timers are waited for at the script's end
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
error_reporting(E_ALL & ~E_DEPRECATED);
Swoole\Timer::after(5, fn () => show('fired'));
show('script ends');
?>
--EXPECT--
script ends
fired
