--TEST--
A count below zero throws
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine\WaitGroup;
use function Swoole\Coroutine\run;
run(function () {
    $group = new WaitGroup(1);
    thrown(fn () => $group->add(-2));
    $group->done();
    thrown(fn () => $group->done());
});
?>
--EXPECT--
InvalidArgumentException(0): WaitGroup misuse: negative counter
BadMethodCallException(0): WaitGroup misuse: negative counter
