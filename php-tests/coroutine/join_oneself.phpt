--TEST--
join() of oneself is refused
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use function Swoole\Coroutine\run;
run(function () {
    var_dump(@Coroutine::join([Coroutine::getCid()]));
});
?>
--EXPECT--
bool(false)
