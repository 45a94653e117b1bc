--TEST--
swoole_strerror and swoole_last_error
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
show(swoole_strerror(2), swoole_strerror(SWOOLE_ERROR_SERVER_WORKER_EXIT_TIMEOUT, SWOOLE_STRERROR_SWOOLE));
Swoole\Coroutine\run(function () { @Swoole\Coroutine::cancel(4711); });
show(swoole_last_error() === SWOOLE_ERROR_CO_NOT_EXISTS);
swoole_clear_error();
show(swoole_last_error());
?>
--EXPECT--
No such file or directory Server worker exit timeout
true
0
