--TEST--
Event::add() and Process::signal() of what cannot be called or watched
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\{Event, Process};
set_error_handler(fn (int $level, string $text) => print("$level: $text\n"));
[$one] = stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, 0);
thrown(fn () => Event::add($one, 'no_such_function'));
thrown(fn () => Event::add($one, null, [1], SWOOLE_EVENT_WRITE));
show(Event::isset($one), Event::add(-1, fn () => 1), Event::write(-1, 'x'));
show(Process::signal(SIGUSR1, 'no_such_function'), Process::signal(SIGUSR1, [1, 2]));
?>
--EXPECT--
2: Swoole\Event::add(): function 'no_such_function' is not callable
Swoole\Exception(505): readable_callback must be of type callable, string given
2: Swoole\Event::add(): function 'Array' is not callable
Swoole\Exception(505): writable_callback must be of type callable, array given
2: Swoole\Event::add(): invalid file descriptor#-1 passed
2: Swoole\Event::add(): unknown fd type
2: Swoole\Event::write(): invalid file descriptor#-1 passed
2: Swoole\Event::write(): unknown type
false false false
2: Swoole\Process::signal(): function 'no_such_function' is not callable
2: Swoole\Process::signal(): function 'Array' is not callable
false false
8192: swoole_event_rshutdown(): Event::wait() in shutdown function is deprecated
