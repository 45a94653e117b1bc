--TEST--
The silence operator of one coroutine does not silence another
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use function Swoole\Coroutine\{go, run};
function slow(): void { Coroutine::sleep(0.002); trigger_error('silenced', E_USER_WARNING); }
set_error_handler(function (int $level, string $text) {
    show($text, (error_reporting() & $level) !== 0);
    return true;
});
run(function () {
    go(function () {
        @slow();
        show('restored', error_reporting() === E_ALL);
    });
    go(function () {
        show('other', error_reporting() === E_ALL);
        trigger_error('loud', E_USER_WARNING);
        Coroutine::sleep(0.004);
        show('other', error_reporting() === E_ALL);
    });
});
show('end', error_reporting() === E_ALL);
?>
--EXPECT--
other true
loud true
silenced false
restored true
other true
end true
