--TEST--
An exception of a child does not pass into the creator's catch
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
$run = run_php(<<<'PHP'
    Swoole\Coroutine\run(function () {
        try {
            Swoole\Coroutine\go(function () {
                throw new RuntimeException('of the child');
            });
        } catch (RuntimeException) {
            echo "the creator caught it\n";
        }
    });
    PHP);
show($run->exit, str_contains($run->output, 'Uncaught RuntimeException: of the child'), str_contains($run->output, 'creator caught'));
?>
--EXPECT--
255 true false
