--TEST--
Shutdown functions and destructors run in a child that returns
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Process;
class Loud { public function __destruct() { show('destructor', getmypid() === $GLOBALS['parent'] ? 'parent' : 'child'); } }
$parent = getmypid();
register_shutdown_function(fn () => show('shutdown', getmypid() === $parent ? 'parent' : 'child'));
$object = new Loud;
(new Process(function () { show('body'); }))->start();
Process::wait();
show('parent ends');
?>
--EXPECT--
body
shutdown child
destructor child
parent ends
shutdown parent
destructor parent
