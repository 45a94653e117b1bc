--TEST--
cancel() and resume() of nobody do not begin a loop; what they leave as the last error
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
set_error_handler(fn (int $level, string $text) => print("$level: $text\n"));
function code(mixed $result): void
{
    show($result, swoole_last_error());
    swoole_clear_error();
}
code(Coroutine::cancel(1));
code(Coroutine::resume(1));
code(Coroutine::getStackUsage(1));
register_shutdown_function(fn () => print("no notice of a loop\n"));
?>
--EXPECT--
false 10016
2: Swoole\Coroutine::resume(): can not resume the coroutine which is in IO operation or non-existent
false 503
false 10016
no notice of a loop
