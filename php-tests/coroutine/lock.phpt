--TEST--
Coroutine\Lock: one holder, the others in order, its own holder again
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use function Swoole\Coroutine\{go, run};
foreach ([false, true] as $shared) {
    run(function () use ($shared) {
        $lock = new Coroutine\Lock($shared);
        show($lock->lock(), $lock->lock());
        for ($i = 1; $i <= 2; $i++) {
            go(function () use ($lock, $i) {
                show($i, 'at once', $lock->lock(LOCK_EX | LOCK_NB), $lock->errCode === SOCKET_EBUSY);
                show($i, $lock->lock());
                Coroutine::sleep(0.002);
                show($i, 'unlock', $lock->unlock());
            });
        }
        Coroutine::sleep(0.002);
        show('first', $lock->unlock());
    });
}
$lock = new Coroutine\Lock;
Coroutine::set(['log_file' => '/dev/null']);
show($lock->lock(), $lock->errCode === SWOOLE_ERROR_CO_OUT_OF_COROUTINE);
?>
--EXPECT--
true true
1 at once false true
2 at once false true
first true
1 true
1 unlock true
2 true
2 unlock true
true true
1 at once false true
2 at once false true
first true
1 true
1 unlock true
2 true
2 unlock true
false true
