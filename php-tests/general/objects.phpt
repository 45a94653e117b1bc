--TEST--
Objects of the request by handle
--FILE--
<?php
var_dump(swoole_get_objects(), swoole_get_object_by_handle(1));
$one = new stdClass;
$two = new ArrayObject;
$id = spl_object_id($one);
var_dump(swoole_get_object_by_handle($id) === $one, count(swoole_get_objects()), swoole_get_vm_status()['object_num']);
unset($one);
var_dump(swoole_get_object_by_handle($id), swoole_get_object_by_handle(-1), swoole_get_object_by_handle(PHP_INT_MAX), swoole_get_objects() === [$two]);
?>
--EXPECT--
bool(false)
bool(false)
bool(true)
int(2)
int(2)
bool(false)
bool(false)
bool(false)
bool(true)
