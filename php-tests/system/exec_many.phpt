--TEST--
Twenty commands at once take the time of one
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use Swoole\Coroutine\System;
use function Swoole\Coroutine\run;
run(function () {
    took(elapsed(function () {
        $results = Coroutine\map(range(1, 20), fn ($n) => System::exec("sleep 0.2; echo $n")['output']);
        show(array_map('intval', $results) === range(1, 20));
    }), 200, 1500);
});
?>
--EXPECT--
true
took about 200 ms
