--TEST--
A C stack that overflows names its coroutine before the process dies
--SKIPIF--
<?php
if (PHP_VERSION_ID >= 80300) die('skip platform: this PHP has a limit of its own for the stack');
?>
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
$run = run_php(<<<'PHP'
    ini_set('memory_limit', -1);
    function nest($n) { return array_map('nest', [$n + 1]); }
    Swoole\Coroutine::set(['c_stack_size' => 256 * 1024]);
    Swoole\Coroutine\run(function () {
        Swoole\Coroutine\go(function () {
            Swoole\Coroutine::sleep(0.001);
            nest(0);
        });
    });
    PHP);
show($run->signal === SIGSEGV, preg_match('/C stack of coroutine#2 \(262144 bytes\) has overflowed in .*\.php on line 3;/', $run->errors));
?>
--EXPECT--
true 1
