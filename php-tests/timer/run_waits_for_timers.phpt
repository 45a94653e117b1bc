--TEST--
run() waits for its timers
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Timer;
use function Swoole\Coroutine\run;
run(function () {
    Timer::after(10, fn () => show('timer'));
    show('body');
});
show('end');
?>
--EXPECT--
body
timer
end
