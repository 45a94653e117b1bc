--TEST--
A contended flock() suspends; LOCK_NB does not wait
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use Swoole\Runtime;
use function Swoole\Coroutine\{go, run};
run(function () {
    $path = temp_path();
    $order = [];
    $time = elapsed(function () use ($path, &$order) {
        $all = [];
        for ($i = 0; $i < 5; $i++) {
            $all[] = go(function () use ($path, $i, &$order) {
                $file = fopen($path, 'c');
                flock($file, LOCK_EX);
                $order[] = "in $i";
                usleep(50_000);
                $order[] = "out $i";
                flock($file, LOCK_UN);
            });
        }
        usleep(10_000);
        $probe = fopen($path, 'c');
        var_dump(flock($probe, LOCK_EX | LOCK_NB, $blocks), $blocks);
        Coroutine::join($all);
    });
    $alone = true;
    foreach (array_chunk($order, 2) as [$in, $out]) {
        $alone = $alone && substr($in, 3) === substr($out, 4);
    }
    var_dump($alone, count($order), $time >= 250);
});
?>
--EXPECT--
bool(false)
int(1)
bool(true)
int(10)
bool(true)
