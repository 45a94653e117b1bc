--TEST--
swoole.use_shortname=Off leaves them out
--INI--
swoole.use_shortname=Off
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
show(function_exists('go'), function_exists('defer'), class_exists('Co'), class_exists('Chan'), function_exists('Swoole\Coroutine\go'));
?>
--EXPECT--
false false false false true
