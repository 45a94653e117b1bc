--TEST--
Children count on one atomic
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\{Atomic, Process};
$atomic = new Atomic;
$long = new Atomic\Long;
for ($i = 0; $i < 4; $i++) {
    (new Process(function () use ($atomic, $long) {
        for ($n = 0; $n < 20000; $n++) {
            $atomic->add();
            $long->sub(2);
        }
    }))->start();
}
for ($i = 0; $i < 4; $i++) {
    Process::wait();
}
show($atomic->get(), $long->get());
?>
--EXPECT--
80000 -160000
