--TEST--
swoole.use_shortname=Off leaves out go(), defer(), chan and Co\
--INI--
swoole.use_shortname=Off
--FILE--
<?php
var_dump(SWOOLE_USE_SHORTNAME);
foreach (['go', 'defer', 'Co\run'] as $name) {
    var_dump(function_exists($name));
}
foreach (['Co', 'chan', 'Co\Http\Client\Exception'] as $name) {
    var_dump(class_exists($name, false));
}
var_dump(class_exists('Swoole\Coroutine\Http\Client\Exception', false));
?>
--EXPECT--
bool(false)
bool(false)
bool(false)
bool(false)
bool(false)
bool(false)
bool(false)
bool(true)
