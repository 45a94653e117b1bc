--TEST--
include and compile do not suspend; a class is loaded once
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use Swoole\Runtime;
use function Swoole\Coroutine\{go, run};
run(function () {
    $file = temp_path('.php');
    file_put_contents($file, '<?php $GLOBALS["loaded"] = ($GLOBALS["loaded"] ?? 0) + 1; class Loaded' . getmypid() . ' {}');
    $all = [];
    for ($i = 0; $i < 10; $i++) {
        $all[] = go(fn () => require_once $file);
    }
    Coroutine::join($all);
    var_dump($GLOBALS['loaded'], class_exists('Loaded' . getmypid(), false));
});
?>
--EXPECT--
int(1)
bool(true)
