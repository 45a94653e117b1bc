--TEST--
parallel() runs one body n times and waits for all
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use function Swoole\Coroutine\{parallel, run};
run(function () {
    $count = 0;
    $time = elapsed(function () use (&$count) {
        parallel(8, function () use (&$count) {
            Coroutine::sleep(0.02);
            $count++;
        });
    });
    show($count);
    // One after the other they would take 160 ms.
    took($time, 20, 155);
});
?>
--EXPECT--
8
took about 20 ms
