--TEST--
batch() runs all and returns results by key, null for who is late
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use function Swoole\Coroutine\{batch, run};
run(function () {
    $results = batch([
        'slow' => function () { Coroutine::sleep(0.02); return 'late'; },
        'fast' => fn () => 1,
        7 => fn () => [Coroutine::getCid() > 1],
    ]);
    ksort($results);
    show($results);
    $results = batch([
        'in time' => function () { Coroutine::sleep(0.001); return true; },
        'too late' => function () { Coroutine::sleep(0.1); return true; },
    ], 0.02);
    show($results);
});
?>
--EXPECT--
{"7":[true],"fast":1,"slow":"late"}
{"in time":true,"too late":null}
