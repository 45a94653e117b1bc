--TEST--
A channel whose constructor was skipped is refused with an error
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine\Channel;
class Broken extends Channel { public function __construct() {} }
foreach (['push(1)', 'pop()', 'close()', 'length()', 'isEmpty()', 'stats()'] as $call) {
    $run = run_php("class Broken extends Swoole\\Coroutine\\Channel { public function __construct() {} }
        Swoole\\Coroutine\\run(function () { (new Broken)->$call; echo 'reached'; });");
    show($call, $run->exit, $run->signal, str_contains($run->output, 'reached'));
}
?>
--EXPECT--
push(1) 255 0 false
pop() 255 0 false
close() 255 0 false
length() 255 0 false
isEmpty() 255 0 false
stats() 255 0 false
