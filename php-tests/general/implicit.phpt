--TEST--
swoole_implicit_fn() and swoole_internal_call_user_shutdown_begin()
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';

$list = [random_bytes(3)];
$before = swoole_implicit_fn('refcount', $list);
$other = $list;
show(swoole_implicit_fn('REFCOUNT', $list) - $before, swoole_implicit_fn('func_handler', 'no_such_function'));
thrown(fn () => swoole_implicit_fn('nothing'));
show(swoole_internal_call_user_shutdown_begin(), @swoole_internal_call_user_shutdown_begin());
$run = run_php("swoole_implicit_fn('func_handler', 'strlen');");
show(preg_match('~^zif_handler=0x[0-9a-f]+\n$~', $run->output), $run->exit);
$run = run_php("swoole_implicit_fn('bailout', 7); echo 'never';");
show($run->output, $run->exit);
$run = run_php("swoole_implicit_fn('fatal_error'); echo 'never';");
show((bool) preg_match('~^\s*(PHP )?Fatal error: +Uncaught Swoole\\\\Error: test ~', $run->output), $run->exit);
$run = run_php("swoole_implicit_fn('abort');", ['-d', 'zend.assertions=-1']);
show($run->exit, $run->signal === SIGABRT);
?>
--EXPECT--
1 false
Swoole\Exception(505): unknown fn 'nothing'
true false
1 0
 7
true 255
null true
