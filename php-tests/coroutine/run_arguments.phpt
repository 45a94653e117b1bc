--TEST--
run() passes arguments to its body
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use function Swoole\Coroutine\run;
run(function (...$arguments) { show($arguments); }, 1, 'b', [3]);
Co\run(fn () => show('alias'));
?>
--EXPECT--
[1,"b",[3]]
alias
