--TEST--
A coroutine made below @ is not silent, and error_reporting() is everybody's
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use function Swoole\Coroutine\{go, run};
error_reporting(E_ALL);
function start(): void
{
    show('below', error_reporting() === E_ALL);
    go(function () {
        show('made below', error_reporting() === E_ALL);
        Coroutine::sleep(0.002);
        show('later', error_reporting() === E_ALL);
    });
}
run(function () {
    @start();
    Coroutine::sleep(0.003);
    error_reporting(E_ALL & ~E_NOTICE);
    go(fn () => show('new', error_reporting() === (E_ALL & ~E_NOTICE)));
    Coroutine::sleep(0.002);
});
show('end', error_reporting() === (E_ALL & ~E_NOTICE));
error_reporting(0);
run(function () {
    echo $undefined;
    go(function () {
        @Coroutine::sleep(0.001);
        show('off', error_reporting());
    });
});
?>
--EXPECT--
below false
made below true
later true
new true
end true
off 0
