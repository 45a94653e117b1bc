--TEST--
Output buffers of coroutines that have ended take no memory
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use function Swoole\Coroutine\{go, run};
run(function () {
    $before = 0;
    for ($round = 0; $round < 3; $round++) {
        for ($i = 0; $i < 5000; $i++) {
            go(function () {
                ob_start();
                echo 'kept';
                ob_end_clean();
            });
            go(function () {
                ob_start(fn () => '');
                echo 'left open';
            });
        }
        $growth = memory_get_usage() - $before;
        $before = memory_get_usage();
    }
    show($growth < 10000);
});
?>
--EXPECT--
true
