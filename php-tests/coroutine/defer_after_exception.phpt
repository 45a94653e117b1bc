--TEST--
Deferred callbacks run although the body throws
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use function Swoole\Coroutine\{go, run};
$run = run_php(<<<'PHP'
    Swoole\Coroutine\run(function () {
        Swoole\Coroutine::defer(function () { echo "deferred\n"; });
        throw new RuntimeException('out of here');
    });
    PHP);
show(str_contains($run->output, "deferred\n"), str_contains($run->output, 'out of here'), $run->exit);
?>
--EXPECT--
true true 255
