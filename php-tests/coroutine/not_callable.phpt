--TEST--
Something that cannot be called is a TypeError
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use function Swoole\Coroutine\run;
run(function () {
    try {
        Coroutine::create('no_such_function_at_all');
    } catch (TypeError $error) {
        echo get_class($error), "\n";
    }
    try {
        Coroutine::create();
    } catch (ArgumentCountError $error) {
        echo get_class($error), "\n";
    }
    try {
        Coroutine::create([1, 2]);
    } catch (TypeError $error) {
        echo get_class($error), "\n";
    }
});
?>
--EXPECT--
TypeError
ArgumentCountError
TypeError
