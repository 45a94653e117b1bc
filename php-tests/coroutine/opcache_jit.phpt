--TEST--
Coroutines under opcache with the tracing JIT
--EXTENSIONS--
opcache
--INI--
opcache.enable=1
opcache.enable_cli=1
opcache.jit_buffer_size=32M
opcache.jit=tracing
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use Swoole\Coroutine\Channel;
use function Swoole\Coroutine\{go, run};
function work(int $n, Channel $channel): int {
    $sum = 0;
    for ($i = 0; $i < $n; $i++) {
        $sum += $i % 7;
        if ($i % 100 === 0) {
            $channel->push($i);
            Coroutine::sleep(0.001);
        }
    }
    return $sum;
}
run(function () {
    show((opcache_get_status(false)['jit']['enabled'] ?? false) !== null);
    $channel = new Channel(5);
    $done = new Channel(10);
    for ($i = 0; $i < 10; $i++) {
        go(fn () => $done->push(work(3000, $channel)));
    }
    go(function () use ($channel, &$popped) {
        while ($channel->pop(0.5) !== false) {
            $popped++;
        }
    });
    $sums = [];
    for ($i = 0; $i < 10; $i++) {
        $sums[$done->pop()] = true;
    }
    Coroutine::sleep(0.01);
    show(array_keys($sums), $popped);
});
?>
--EXPECT--
true
[8994] 300
