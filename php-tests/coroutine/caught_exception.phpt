--TEST--
An exception is caught inside the coroutine, across a switch
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use function Swoole\Coroutine\{go, run};
run(function () {
    for ($i = 0; $i < 3; $i++) {
        $ids[] = go(function () use ($i) {
            try {
                Coroutine::yield();
                throw new LogicException("number $i");
            } catch (LogicException $error) {
                show($error->getMessage());
            } finally {
                show("finally $i");
            }
        });
    }
    foreach (array_reverse($ids) as $id) {
        Coroutine::resume($id);
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
