--TEST--
ConnectionPool: made on demand, waited for, replaced when broken, closed
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\ConnectionPool;
use Swoole\Coroutine;
use function Swoole\Coroutine\{go, run};
run(function () {
    $made = 0;
    $pool = new ConnectionPool(function () use (&$made) {
        Coroutine::sleep(0.001);
        return (object) ['id' => ++$made];
    }, 3);
    show($made);
    $first = $pool->get();
    show($made, $first->id);
    $pool->put($first);
    show($pool->get() === $first, $made);
    $pool->fill();
    show($made);
    $others = [$pool->get(), $pool->get()];
    show($pool->get(0.01));
    took(elapsed(fn () => $pool->get(0.05)), 50);
    go(function () use ($pool, $first) {
        Coroutine::sleep(0.01);
        $pool->put($first);
    });
    show($pool->get() === $first);
    $pool->put(null);
    show($made, $pool->get(0.1)->id);
    go(function () use ($pool) {
        Coroutine::sleep(0.01);
        $pool->close();
    });
    show($pool->get());
    $pool->put($first);
    thrown(fn () => $pool->get());
    thrown(fn () => $pool->close());
});
run(function () {
    $pool = new ConnectionPool(fn () => throw new LogicException('no server'), 2);
    for ($i = 0; $i < 3; $i++) {
        thrown(fn () => $pool->get());
    }
    thrown(fn () => (new ConnectionPool(fn () => null))->get());
    thrown(fn () => (new ReflectionClass(ConnectionPool::class))->newInstanceWithoutConstructor()->get());
});
thrown(fn () => new ConnectionPool('nothing'));
?>
--EXPECTF--
0
1 1
true 1
3
false
took about 50 ms
true
4 4
false
RuntimeException(0): Pool has been closed
Error(0): Call to a member function close() on null
LogicException(0): no server
LogicException(0): no server
LogicException(0): no server
RuntimeException(0): the constructor of a connection pool gave null
Swoole\Error(%d): must call constructor first
TypeError(0): Swoole\ConnectionPool::__construct(): Argument #1 ($constructor) must be a valid callback, function "nothing" not found or invalid function name
