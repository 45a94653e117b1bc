--TEST--
stats() counts coroutines and what the loop holds
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use function Swoole\Coroutine\{go, run};
run(function () {
    $before = Coroutine::stats();
    for ($i = 0; $i < 5; $i++) {
        go(fn () => Coroutine::sleep(0.001));
    }
    $stats = Coroutine::stats();
    show($stats['coroutine_num'] - $before['coroutine_num'], $stats['coroutine_peak_num'] >= 6, $stats['coroutine_last_cid']);
    show(array_keys($stats));
    Coroutine::sleep(0.01);
    show(Coroutine::stats()['coroutine_num']);
});
?>
--EXPECT--
5 true 6
["event_num","signal_listener_num","aio_task_num","aio_worker_num","aio_queue_size","c_stack_size","coroutine_num","coroutine_peak_num","coroutine_last_cid"]
1
