--TEST--
swoole_async_set() is refused once there is a loop
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
show(swoole_async_set(['dns_lookup_random' => true]));
Swoole\Coroutine\run(fn () => null);
show(swoole_async_set(['dns_lookup_random' => false]));
$run = run_php('Swoole\Timer::after(1, fn () => null); swoole_async_set([]); echo "not reached";');
show($run->exit, trim(explode(' in ', $run->output)[0]));
?>
--EXPECT--
true
true
255 Fatal error: swoole_async_set(): eventLoop has already been created. unable to change settings
