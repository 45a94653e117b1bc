--TEST--
max_coroutine bounds how many live at once
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use function Swoole\Coroutine\{go, run};
Coroutine::set(['max_coroutine' => 3]);
run(function () {
    $results = [];
    for ($i = 0; $i < 4; $i++) {
        $results[] = @go(fn () => Coroutine::sleep(0.001));
    }
    show($results);
    Coroutine::sleep(0.01);
    show(is_int(go(fn () => 1)));
});
?>
--EXPECTF--
[2,3,false,false]
true
