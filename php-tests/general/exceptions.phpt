--TEST--
The classes of errors
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
show(get_parent_class('Swoole\Exception'), get_parent_class('Swoole\Error'), get_parent_class('Swoole\ExitException'), get_parent_class('Swoole\Coroutine\CanceledException'), get_parent_class('Swoole\Coroutine\TimeoutException'));
?>
--EXPECT--
Exception Error Swoole\Exception Exception Exception
