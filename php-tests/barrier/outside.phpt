--TEST--
Barrier::wait() outside of coroutines: nothing to wait for is no mistake
--FILE--
<?php
use Swoole\Coroutine\Barrier;
$barrier = Barrier::make();
Barrier::wait($barrier);
var_dump($barrier);
?>
--EXPECT--
NULL
