--TEST--
include and eval inside coroutines
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use function Swoole\Coroutine\{go, run};
$file = temp_path('.php');
file_put_contents($file, '<?php Swoole\Coroutine::sleep(0.001); return Swoole\Coroutine::getCid() . " $name";');
run(function () use ($file) {
    foreach (['a', 'b'] as $name) {
        go(function () use ($file, $name) {
            show(include $file);
            Coroutine::sleep($name === 'a' ? 0.001 : 0.02);
            show(eval('Swoole\Coroutine::sleep(0.001); return "eval $name";'));
        });
    }
});
?>
--EXPECT--
2 a
3 b
eval a
eval b
