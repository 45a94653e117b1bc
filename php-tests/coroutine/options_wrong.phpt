--TEST--
Coroutine::set(): a condition that cannot be called, a size that is none
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
set_error_handler(fn (int $level, string $text) => print("$level: $text\n"));
Coroutine::set(['exit_condition' => 'no_such_function']);
Coroutine::set(['exit_condition' => null]);
Coroutine::set(['exit_condition' => [new ArrayObject, 'nothing']]);
set_error_handler(fn (int $level, string $text) => throw new ErrorException($text));
thrown(fn () => Coroutine::set(['exit_condition' => 'no_such_function']));
Coroutine::set(['c_stack_size' => '512K', 'stack_size' => 0x100000]);
foreach (['much', '2MB'] as $size) {
    $run = run_php("Swoole\\Coroutine::set(['c_stack_size' => '$size']); echo 'on';");
    echo trim(preg_replace('/ in \S+\.php on line \d+/', '', $run->output)), ' ', $run->exit, "\n";
}
?>
--EXPECTF--
2: Swoole\Coroutine::set(): function 'no_such_function' is not callable
2: Swoole\Coroutine::set(): illegal callback function
2: Swoole\Coroutine::set(): function 'ArrayObject::nothing' is not callable
ErrorException(0): Swoole\Coroutine::set(): function 'no_such_function' is not callable
Fatal error: Swoole\Coroutine::set(): failed to parse 'much' to size, Error: Invalid quantity "much"%s 255
Fatal error: Swoole\Coroutine::set(): failed to parse '2MB' to size, Error: Invalid quantity "2MB"%s 255
