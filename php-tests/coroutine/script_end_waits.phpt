--TEST--
go() outside run(): the script's end waits for the loop
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use function Swoole\Coroutine\go;
use Swoole\Coroutine;
error_reporting(E_ALL & ~E_DEPRECATED);
register_shutdown_function(fn () => show('shutdown function'));
go(function () {
    show('body');
    Coroutine::sleep(0.005);
    show('woken');
});
show('script ends');
?>
--EXPECT--
body
script ends
shutdown function
woken
