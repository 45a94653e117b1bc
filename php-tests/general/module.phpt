--TEST--
The module as Reflection shows it
--FILE--
<?php
$module = new ReflectionExtension('swoole');
var_dump($module->getName(), count($module->getINIEntries()), isset($module->getConstants()['SWOOLE_BASE']));
var_dump(isset($module->getFunctions()['swoole_version']), $module->getDependencies()['json']);
$function = new ReflectionFunction('swoole_strerror');
echo $function;
ob_start();
$module->info();
echo preg_match('/swoole\.display_errors => On => On/', ob_get_clean()), "\n";
?>
--EXPECT--
string(6) "swoole"
int(10)
bool(true)
bool(true)
string(8) "Required"
Function [ <internal:swoole> function swoole_strerror ] {

  - Parameters [2] {
    Parameter #0 [ <required> int $errno ]
    Parameter #1 [ <optional> int $error_type = SWOOLE_STRERROR_SYSTEM ]
  }
  - Return [ string ]
}
1
