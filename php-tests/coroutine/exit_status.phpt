--TEST--
exit(n) in a coroutine throws ExitException with its status
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use function Swoole\Coroutine\{go, run};
run(function () {
    foreach ([0, 3, 'text'] as $status) {
        go(function () use ($status) {
            try {
                exit($status);
            } catch (Swoole\ExitException $exit) {
                show(get_class($exit), $exit->getStatus(), $exit->getFlags(), $exit->getMessage());
            }
        });
    }
});
echo "end\n";
?>
--EXPECT--
Swoole\ExitException 0 2 swoole exit
Swoole\ExitException 3 2 swoole exit
Swoole\ExitException text 2 swoole exit
end
