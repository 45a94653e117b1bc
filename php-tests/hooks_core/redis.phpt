--TEST--
phpredis inside coroutines
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use function Swoole\Coroutine\run;
run(function () {
    $time = elapsed(function () {
        $results = Coroutine\map(range(1, 10), function ($n) {
            $redis = new Redis;
            $redis->connect(getenv('TEST_REDIS_HOST'), (int) getenv('TEST_REDIS_PORT'));
            $redis->set("key$n", $n);
            $redis->blPop(["nothing$n"], 1);
            return (int) $redis->get("key$n") === $n;
        });
        show(array_unique($results));
    });
    took($time, 1000, 1000);
});
?>
--EXPECT--
[true]
took about 1000 ms
