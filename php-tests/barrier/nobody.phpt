--TEST--
A barrier that nobody took is passed at once
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine\Barrier;
use function Swoole\Coroutine\run;
run(function () {
    $barrier = Barrier::make();
    Barrier::wait($barrier);
    show($barrier);
});
?>
--EXPECT--
null
