--TEST--
RedisPool: 100 coroutines over 10 connections; database, options and time-outs of the configuration
--EXTENSIONS--
redis
--SKIPIF--
<?php getenv('TEST_REDIS_PORT') or die('skip no Redis'); ?>
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine\Channel;
use Swoole\Database\{RedisConfig, RedisPool};
use function Swoole\Coroutine\{go, run};
run(function () {
    $config = (new RedisConfig)->withHost(getenv('TEST_REDIS_HOST'))->withPort((int) getenv('TEST_REDIS_PORT'))
        ->withDbIndex(3)->withReadTimeout(2.5)->withRetryInterval(10)->withOption(Redis::OPT_PREFIX, 'pool:');
    show($config->getReadTimeout(), $config->getTimeout(), $config->getOptions(), $config->getAuth());
    $pool = new RedisPool($config, 10);
    $group = new Channel(100);
    $right = 0;
    for ($i = 0; $i < 100; $i++) {
        go(function () use ($pool, $group, &$right, $i) {
            $redis = $pool->get();
            $redis->set("key$i", "value$i");
            $right += $redis->get("key$i") === "value$i";
            $pool->put($redis);
            $group->push(1);
        });
    }
    for ($i = 0; $i < 100; $i++) {
        $group->pop();
    }
    $redis = $pool->get();
    show($redis::class, $right, $redis->getDbNum(), $redis->getReadTimeout(), $redis->getOption(Redis::OPT_PREFIX));
    $redis->flushDB();
});
?>
--EXPECT--
2.5 0.0 {"2":"pool:"} 
Redis 100 3 2.5 pool:
