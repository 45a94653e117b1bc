--TEST--
An exception is caught inside the coroutine, across a switch
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use function Swoole\Coroutine\{go, run};
run(function () {
    for ($i = 0; $i < 3; $i++) {
        go(function () use ($i) {
            try {
                Coroutine::sleep(0.001 * (3 - $i));
                throw new LogicException("number $i");
            } catch (LogicException $error) {
                show($error->getMessage());
            } finally {
                show("finally $i");
            }
        });
    }
});
?>
--EXPECT--
number 2
finally 2
number 1
finally 1
number 0
finally 0
