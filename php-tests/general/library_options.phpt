--TEST--
Options of the library
--FILE--
<?php
var_dump(swoole_library_get_options(), swoole_library_get_option('a'));
swoole_library_set_option('a', [1]);
swoole_library_set_options(SwooleLibrary::$options + ['b' => 2]);
var_dump(json_encode(swoole_library_get_options()), swoole_library_get_option('b'), SwooleLibrary::$options === swoole_library_get_options());
$copy = swoole_library_get_options();
swoole_library_set_option('a', 0);
var_dump($copy['a']);
try {
    swoole_library_set_options(1);
} catch (TypeError $error) {
    echo $error->getMessage(), "\n";
}
?>
--EXPECTF--
array(0) {
}
NULL
string(15) "{"a":[1],"b":2}"
int(2)
bool(true)
array(1) {
  [0]=>
  int(1)
}
swoole_library_set_options(): Argument #1 ($options) must be of type array%A
