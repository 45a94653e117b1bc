--TEST--
map() calls a function on each element at the same time
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use function Swoole\Coroutine\{map, run};
run(function () {
    $time = elapsed(function () {
        show(map([1, 2, 3], function (int $x) {
            Coroutine::sleep(0.02);
            return $x * $x;
        }));
    });
    took($time, 20, 100);
    show(map([], fn ($x) => $x));
});
?>
--EXPECT--
[1,4,9]
took about 20 ms
[]
