--TEST--
go() runs its body at once, up to the first yield
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use function Swoole\Coroutine\{go, run};
run(function () {
    show('before', Coroutine::getCid());
    $id = go(function () {
        show('body', Coroutine::getCid());
        Coroutine::sleep(0.001);
        show('body again', Coroutine::getCid());
    });
    show('after', $id, Coroutine::getCid());
});
show('end', Coroutine::getCid());
?>
--EXPECT--
before 1
body 2
after 2 1
body again 2
end -1
