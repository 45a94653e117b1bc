--TEST--
add, sub, get, set, cmpset
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Atomic;
$atomic = new Atomic(5);
show($atomic->get(), $atomic->add(), $atomic->add(4), $atomic->sub(3), $atomic->sub());
show($atomic->cmpset(6, 10), $atomic->cmpset(6, 11), $atomic->get());
$atomic->set(77);
show($atomic->get(), (new Atomic)->get());
?>
--EXPECT--
5 6 10 7 6
true false 10
77 0
