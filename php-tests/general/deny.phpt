--TEST--
What objects refuse: creation of static classes, clone, serialize, unset of declared properties
--FILE--
<?php
function refused(callable $call): void
{
    try {
        $call();
        echo "allowed\n";
    } catch (Throwable $error) {
        echo get_class($error), ': ', $error->getMessage(), "\n";
    }
}
class Child extends Swoole\Coroutine\Channel { public $mine = 1; }
foreach (['Swoole\Coroutine', 'Swoole\Runtime'] as $class) {
    refused(fn () => new $class);
    refused(fn () => (new ReflectionClass($class))->newInstanceWithoutConstructor());
}
$channel = new Swoole\Coroutine\Channel(3);
$child = new Child;
refused(fn () => clone $channel);
refused(fn () => serialize($channel));
refused(function () use ($channel) { unset($channel->capacity); });
refused(function () use ($child) { unset($child->errCode); });
refused(function () use ($child) { unset($child->mine); });
var_dump($channel->capacity, isset($child->mine), $child->errCode);
?>
--EXPECT--
Error: The object of Swoole\Coroutine can not be created for security reasons
Error: The object of Swoole\Coroutine can not be created for security reasons
Error: The object of Swoole\Runtime can not be created for security reasons
Error: The object of Swoole\Runtime can not be created for security reasons
Error: Trying to clone an uncloneable object of class Swoole\Coroutine\Channel
Exception: Serialization of 'Swoole\Coroutine\Channel' is not allowed
Error: Property capacity of class Swoole\Coroutine\Channel cannot be unset
Error: Property errCode of class Child cannot be unset
allowed
int(3)
bool(false)
int(0)
