--TEST--
--ri prints a table
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
$run = run_command(php_command('--ri', 'swoole'));
show(str_contains($run->output, 'Swoole => enabled'), str_contains($run->output, 'Version => 6.2.2'), str_contains($run->output, 'Directive => Local Value => Master Value'));
?>
--EXPECT--
true true true
