--TEST--
Coroutine\run() hooks everything by itself, unless the script said what it wants
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use Swoole\Runtime;
use function Swoole\Coroutine\{go, run};
run(function () {
    var_dump(Runtime::getHookFlags() === SWOOLE_HOOK_ALL);
});
$child = run_php(<<<'PHP'
    Swoole\Runtime::setHookFlags(SWOOLE_HOOK_SLEEP);
    Swoole\Coroutine\run(function () {
        var_dump(Swoole\Runtime::getHookFlags() === SWOOLE_HOOK_SLEEP);
    });
    PHP);
echo $child->output;
?>
--EXPECT--
bool(true)
bool(true)
