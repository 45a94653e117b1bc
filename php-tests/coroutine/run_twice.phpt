--TEST--
run() may be called again, but not inside itself
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
$run = run_php(<<<'PHP'
    use function Swoole\Coroutine\run;
    run(fn () => print("first\n"));
    run(fn () => print("second\n"));
    run(function () {
        run(fn () => 1);
        echo "not reached\n";
    });
    PHP);
show(str_starts_with($run->output, "first\nsecond\n"), str_contains($run->output, 'Unable to call Event::wait() in coroutine'));
show(str_contains($run->output, 'not reached'), $run->exit);
?>
--EXPECT--
true true
false 255
