--TEST--
listCoroutines() and list() iterate over the live ids
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use function Swoole\Coroutine\{go, run};
run(function () {
    for ($i = 0; $i < 3; $i++) {
        go(fn () => Coroutine::sleep(0.005));
    }
    $list = Coroutine::listCoroutines();
    show(get_class($list), count($list));
    $ids = iterator_to_array($list, false);
    sort($ids);
    show($ids);
    $ids = iterator_to_array(Coroutine::list(), false);
    sort($ids);
    show($ids);
});
show(iterator_to_array(Coroutine::list(), false));
?>
--EXPECT--
Swoole\Coroutine\Iterator 4
[1,2,3,4]
[1,2,3,4]
[]
