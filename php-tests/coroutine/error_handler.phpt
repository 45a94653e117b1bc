--TEST--
An error handler that suspends
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use function Swoole\Coroutine\{go, run};
set_error_handler(function (int $level, string $text) {
    Coroutine::sleep(0.001);
    show(Coroutine::getCid(), $text);
    return true;
});
run(function () {
    go(function () {
        trigger_error('first', E_USER_WARNING);
        show('after first');
        echo $undefined;
        show('after second');
    });
    show('creator');
});
?>
--EXPECT--
creator
2 first
after first
2 Undefined variable $undefined
after second
