--TEST--
C recursion through callbacks inside a coroutine
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use function Swoole\Coroutine\{go, run};
function nest(int $n): int {
    if ($n === 0) {
        Coroutine::sleep(0.001);
        return 0;
    }
    return array_map(fn ($x) => nest($x) + 1, [$n - 1])[0];
}
run(function () {
    for ($i = 0; $i < 2; $i++) {
        go(fn () => show(nest(500)));
    }
    go(function () {
        $deep = [];
        for ($i = 0; $i < 800; $i++) {
            $deep = [$deep];
        }
        show(strlen(serialize($deep)) > 800);
    });
});
?>
--EXPECT--
true
500
500
