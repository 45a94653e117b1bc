--TEST--
phpredis over a unix socket
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use function Swoole\Coroutine\run;
run(function () {
    $redis = new Redis;
    show($redis->connect(getenv('TEST_REDIS_SOCKET')), $redis->ping(), $redis->incr('counter' . getmypid()));
});
?>
--EXPECT--
true true 1
