--TEST--
Coroutine::set() merges, getOptions() tells
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
show(Coroutine::getOptions());
Coroutine::set(['socket_timeout' => 1.5, 'max_coroutine' => 100]);
Coroutine::set(['max_coroutine' => 200]);
show(Coroutine::getOptions());
?>
--EXPECT--
null
{"socket_timeout":1.5,"max_coroutine":200}
