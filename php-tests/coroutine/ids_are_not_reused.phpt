--TEST--
Coroutine ids count up from 1 and are never reused
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use function Swoole\Coroutine\{go, run};
$ids = [];
run(function () use (&$ids) {
    for ($i = 0; $i < 5; $i++) {
        $ids[] = go(fn () => 1);
    }
});
run(function () use (&$ids) {
    $ids[] = Coroutine::getCid();
});
show($ids);
?>
--EXPECT--
[2,3,4,5,6,7]
