--TEST--
An exception passes out of a Fiber into its coroutine, and into it by throw()
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use function Swoole\Coroutine\{go, run};
run(function () {
    $fiber = new Fiber(function () {
        try {
            Fiber::suspend();
        } catch (DomainException $error) {
            show('inside', $error->getMessage());
        }
        throw new LengthException('out');
    });
    $fiber->start();
    try {
        $fiber->throw(new DomainException('in'));
    } catch (LengthException $error) {
        show('outside', $error->getMessage());
    }
});
?>
--EXPECT--
inside in
outside out
