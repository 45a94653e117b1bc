--TEST--
Process: reading nothing, waiting too long, closing one end after the other
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Process;
set_error_handler(fn (int $level, string $text) => print("$level: $text\n"));
$process = new Process(fn () => null, false, 1);
show($process->read(0), $process->read(-1), swoole_last_error() === SWOOLE_ERROR_INVALID_PARAMS);
$process->setTimeout(0.01);
show($process->read(), swoole_last_error() === SWOOLE_ERROR_SOCKET_POLL_TIMEOUT);
show($process->close(Process::PIPE_MASTER), $process->close(Process::PIPE_MASTER), $process->close(Process::PIPE_WORKER));
show($process->read(), $process->close(), $process->close());
?>
--EXPECT--
 false true
false true
true true true
2: Swoole\Process::read(): no pipe, cannot read from pipe
2: Swoole\Process::close(): no pipe, cannot close the pipe
false true false
