--TEST--
50 clients of libmemcached, each of whose answers is half a second late
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
require __DIR__ . '/slow_proxy.inc';
use Swoole\Coroutine;
use function Swoole\Coroutine\run;
$direct = new Memcached();
$direct->addServer('127.0.0.1', (int) getenv('TEST_MEMCACHED_PORT'));
for ($i = 0; $i < 50; $i++) {
    $direct->set("hooked-$i", "value $i");
}
$port = slow_proxy((int) getenv('TEST_MEMCACHED_PORT'), 0.5);
run(function () use ($port) {
    $right = null;
    $time = elapsed(function () use ($port, &$right) {
        $right = array_sum(Coroutine\map(range(0, 49), function ($i) use ($port) {
            $client = new Memcached();
            $client->addServer('127.0.0.1', $port);
            return (int) ($client->get("hooked-$i") === "value $i");
        }));
    });
    var_dump($right);
    took($time, 500, 450);
});
?>
--EXPECT--
int(50)
took about 500 ms
