--TEST--
200 coroutines share 8 connections, none is used by two at once
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\ConnectionPool;
use Swoole\Coroutine;
use function Swoole\Coroutine\{go, run};
class Children extends ConnectionPool
{
    public int $made = 0;
    protected function make(): void
    {
        $this->made++;
        parent::make();
    }
}
run(function () {
    $pool = new Children(function () {
        Coroutine::sleep(0.002);
        return new class { public bool $busy = false; public int $uses = 0; };
    }, 8);
    $clashes = $uses = $done = 0;
    for ($i = 0; $i < 200; $i++) {
        go(function () use ($pool, &$clashes, &$uses, &$done, $i) {
            for ($round = 0; $round < 10; $round++) {
                $connection = $pool->get();
                $clashes += $connection->busy;
                $connection->busy = true;
                Coroutine::sleep(0.001);
                $connection->busy = false;
                $uses++;
                // Some turn out to be broken.
                $pool->put(($i + $round) % 97 === 0 ? null : $connection);
            }
            if (++$done === 200) {
                show($clashes, $uses, $pool->made >= 8 + 20);
            }
        });
    }
});
?>
--EXPECT--
0 2000 true
