--TEST--
32 bits without a sign
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Atomic;
$atomic = new Atomic(4294967295);
show($atomic->get(), $atomic->add(), $atomic->sub());
?>
--EXPECT--
4294967295 0 4294967295
