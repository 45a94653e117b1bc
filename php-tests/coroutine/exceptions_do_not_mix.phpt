--TEST--
Each coroutine has exceptions and handlers in flight of its own
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use function Swoole\Coroutine\{go, run};
function fail(int $n): never
{
    try {
        throw new RuntimeException("inner $n");
    } finally {
        Coroutine::sleep(0.003 * $n);
    }
}
run(function () {
    for ($i = 1; $i <= 3; $i++) {
        go(function () use ($i) {
            try {
                fail($i);
            } catch (RuntimeException $error) {
                show($i, $error->getMessage());
            }
        });
    }
});
?>
--EXPECT--
1 inner 1
2 inner 2
3 inner 3
