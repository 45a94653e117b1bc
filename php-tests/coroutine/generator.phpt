--TEST--
A generator that suspends its coroutine between two values
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use function Swoole\Coroutine\{go, run};
function numbers(string $name): Generator {
    for ($i = 0; $i < 3; $i++) {
        Coroutine::sleep(0.001);
        yield "$name$i";
    }
    return "$name end";
}
run(function () {
    $channel = new Coroutine\Channel(10);
    foreach (['a', 'b'] as $name) {
        go(function () use ($name, $channel) {
            $generator = (function () use ($name) { return yield from numbers($name); })();
            $seen = [];
            foreach ($generator as $value) {
                $seen[] = $value;
            }
            $channel->push([...$seen, $generator->getReturn()]);
        });
    }
    $results = [$channel->pop(), $channel->pop()];
    sort($results);
    show($results);
});
?>
--EXPECT--
[["a0","a1","a2","a end"],["b0","b1","b2","b end"]]
