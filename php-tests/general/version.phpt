--TEST--
Version of the API, of the module and of this extension
--FILE--
<?php
var_dump(swoole_version(), SWOOLE_VERSION, phpversion('swoole'), SWOOLE_VERSION_ID);
var_dump(sprintf('%d.%d.%d', SWOOLE_MAJOR_VERSION, SWOOLE_MINOR_VERSION, SWOOLE_RELEASE_VERSION));
var_dump(preg_match('/^\d+\.\d+\.\d+/', SWOOLE_RS_VERSION));
?>
--EXPECT--
string(5) "6.2.2"
string(5) "6.2.2"
string(5) "6.2.2"
int(60202)
string(5) "6.2.2"
int(1)
