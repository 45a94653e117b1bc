--TEST--
run() returns when everything it started is through
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use function Swoole\Coroutine\{go, run};
var_dump(run(function () {
    go(function () {
        Coroutine::sleep(0.01);
        go(function () {
            Coroutine::sleep(0.01);
            show('last');
        });
    });
}));
show('end');
?>
--EXPECT--
last
bool(true)
end
