--TEST--
Deep PHP recursion in a coroutine, with a switch at the bottom
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use function Swoole\Coroutine\{go, run};
function down(int $n): int {
    if ($n === 0) {
        Coroutine::sleep(0.001);
        return 0;
    }
    return 1 + down($n - 1);
}
run(function () {
    for ($i = 0; $i < 3; $i++) {
        go(fn () => show(down(20000)));
    }
});
?>
--EXPECT--
20000
20000
20000
