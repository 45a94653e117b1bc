--TEST--
The cycle collector runs inside coroutines
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use function Swoole\Coroutine\{go, run};
class Node { public ?Node $other = null; public static int $freed = 0; public function __destruct() { self::$freed++; } }
run(function () {
    $all = [];
    for ($i = 0; $i < 10; $i++) {
        $all[] = go(function () {
            for ($n = 0; $n < 50; $n++) {
                $a = new Node;
                $b = new Node;
                $a->other = $b;
                $b->other = $a;
                unset($a, $b);
                if ($n % 10 === 0) {
                    Coroutine::sleep(0.001);
                }
            }
        });
    }
    Coroutine::join($all);
    gc_collect_cycles();
    show(Node::$freed);
});
?>
--EXPECT--
1000
