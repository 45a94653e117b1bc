--TEST--
Hook flags: given, kept, taken back, in all forms that programs use
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use Swoole\Runtime;
use function Swoole\Coroutine\{go, run};
show(Runtime::getHookFlags());
show(Runtime::enableCoroutine(), Runtime::getHookFlags() === SWOOLE_HOOK_ALL);
show(Runtime::enableCoroutine(SWOOLE_HOOK_SLEEP), Runtime::getHookFlags() === SWOOLE_HOOK_SLEEP);
show(Runtime::enableCoroutine(true), Runtime::getHookFlags() === SWOOLE_HOOK_ALL);
show(Runtime::enableCoroutine(false), Runtime::getHookFlags());
show(Runtime::enableCoroutine(true, SWOOLE_HOOK_TCP), Runtime::getHookFlags() === SWOOLE_HOOK_TCP);
show(Runtime::setHookFlags(0), Runtime::getHookFlags());
thrown(fn () => Runtime::setHookFlags());
?>
--EXPECT--
0
true true
true true
true true
true 0
true true
true 0
ArgumentCountError(0): Swoole\Runtime::setHookFlags() expects exactly 1 argument, 0 given
