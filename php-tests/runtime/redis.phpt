--TEST--
50 blocking phpredis calls of half a second each
--EXTENSIONS--
igbinary
redis
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use Swoole\Runtime;
use function Swoole\Coroutine\{go, run};
run(function () {
    $right = 0;
    $time = elapsed(function () use (&$right) {
        $all = [];
        for ($i = 0; $i < 50; $i++) {
            $all[] = go(function () use ($i, &$right) {
                $redis = new Redis();
                $redis->connect(getenv('TEST_REDIS_HOST'), (int) getenv('TEST_REDIS_PORT'));
                $redis->set("hooks-$i", $i);
                $redis->rawCommand('BLPOP', "hooks-none-$i", '0.5');
                $right += $redis->get("hooks-$i") == $i;
            });
        }
        Coroutine::join($all);
    });
    var_dump($right);
    took($time, 500, 450);
});
?>
--EXPECT--
int(50)
took about 500 ms
