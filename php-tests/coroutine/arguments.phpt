--TEST--
Arguments of go() reach the body by value, variadic and by name position
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use function Swoole\Coroutine\{go, run};
run(function () {
    $array = [1];
    go(function (int $a, string $b, array $c, ...$rest) {
        $c[] = 2;
        show($a, $b, $c, $rest);
    }, 1, 'two', $array, true, null);
    show($array);
});
?>
--EXPECT--
1 two [1,2] [true,null]
[1]
