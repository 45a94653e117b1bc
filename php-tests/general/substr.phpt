--TEST--
swoole_substr_unserialize() and swoole_substr_json_decode(): part of a packet
--FILE--
<?php
$data = ['a' => str_repeat('x', 1000), 'b' => [1, 2.5, null]];
$text = serialize($data);
$packet = pack('N', strlen($text)) . $text . "\r\n";
var_dump(swoole_substr_unserialize($packet, 4, strlen($text)) === $data, swoole_substr_unserialize($packet, 4 - strlen($packet), strlen($text)) === $data);
var_dump(@swoole_substr_unserialize($packet, 0), swoole_substr_unserialize('', 0), swoole_substr_unserialize($packet, strlen($packet)));
var_dump(swoole_substr_unserialize($packet, -strlen($packet) - 1));
var_dump(get_class(swoole_substr_unserialize('__O:11:"ArrayObject":4:{i:0;i:0;i:1;a:0:{}i:2;a:0:{}i:3;N;}', 2, 0, ['allowed_classes' => false])));
$json = 'head{"a":[1,2]} tail';
var_dump(swoole_substr_json_decode($json, 4, 11, true), swoole_substr_json_decode($json, -16, 11)->a[1], swoole_substr_json_decode($json, 4));
var_dump(json_last_error_msg());
foreach ([['', 0], ['x', 1], ['x', -2]] as $case) {
    var_dump(swoole_substr_json_decode(...$case));
}
try {
    swoole_substr_json_decode($json, 5, 0, true, 512, JSON_THROW_ON_ERROR);
} catch (JsonException $error) {
    echo get_class($error), "\n";
}
?>
--EXPECTF--
bool(true)
bool(true)
bool(false)
bool(false)
bool(false)
bool(false)
string(22) "__PHP_Incomplete_Class"
array(1) {
  ["a"]=>
  array(2) {
    [0]=>
    int(1)
    [1]=>
    int(2)
  }
}
int(2)
NULL
string(12) "Syntax error"

Warning: swoole_substr_json_decode(): Non-empty string required in %s on line %d
NULL

Warning: swoole_substr_json_decode(): Offset must be less than the length of the string in %s on line %d
NULL

Warning: swoole_substr_json_decode(): Offset must be not less than the negative length of the string in %s on line %d
NULL
JsonException
