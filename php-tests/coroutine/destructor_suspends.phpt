--TEST--
A destructor that suspends finishes before what follows it
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use function Swoole\Coroutine\{go, run};
class Slow {
    public function __construct(private string $name) {}
    public function __destruct() {
        show('destructor begins', $this->name);
        Coroutine::sleep(0.002);
        show('destructor ends', $this->name);
    }
}
run(function () {
    go(function () {
        $object = new Slow('a');
        $object = null;
        show('after');
    });
    show('creator');
});
?>
--EXPECT--
destructor begins a
creator
destructor ends a
after
