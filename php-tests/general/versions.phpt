--TEST--
Version and identity
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
show(phpversion('swoole'), SWOOLE_VERSION, SWOOLE_VERSION_ID, swoole_version());
show(SWOOLE_MAJOR_VERSION, SWOOLE_MINOR_VERSION, SWOOLE_RELEASE_VERSION, SWOOLE_EXTRA_VERSION);
show((new ReflectionExtension('swoole'))->getName(), extension_loaded('swoole'));
?>
--EXPECT--
6.2.2 6.2.2 60202 6.2.2
6 2 2 
swoole true
