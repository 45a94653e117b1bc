--TEST--
Atomic\Long has 64 bits with a sign
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Atomic\Long;
$long = new Long(PHP_INT_MAX);
show($long->get() === PHP_INT_MAX, $long->add() === PHP_INT_MIN);
$long->set(-5);
show($long->sub(5), $long->cmpset(-10, 3), $long->get());
?>
--EXPECT--
true true
-10 true 3
