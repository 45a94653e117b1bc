--TEST--
yield() suspends until resume(), which switches at once
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use function Swoole\Coroutine\{go, run};
run(function () {
    $id = go(function () {
        for ($i = 0; $i < 3; $i++) {
            echo "in $i\n";
            Coroutine::yield();
        }
        echo "done\n";
    });
    for ($i = 0; $i < 3; $i++) {
        echo "out $i\n";
        var_dump(Coroutine::resume($id));
    }
    var_dump(Coroutine::exists($id));
});
?>
--EXPECT--
in 0
out 0
in 1
bool(true)
out 1
in 2
bool(true)
out 2
done
bool(true)
bool(false)
