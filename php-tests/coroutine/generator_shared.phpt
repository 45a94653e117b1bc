--TEST--
A generator moves from one coroutine to another
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use function Swoole\Coroutine\{go, run};
$generator = (function () {
    $n = 0;
    while (true) {
        $sent = yield $n++ . ' in ' . Coroutine::getCid();
    }
})();
run(function () use ($generator) {
    for ($i = 0; $i < 3; $i++) {
        go(function () use ($generator) {
            show($generator->current());
            $generator->next();
        });
    }
});
?>
--EXPECT--
0 in 2
1 in 2
2 in 3
