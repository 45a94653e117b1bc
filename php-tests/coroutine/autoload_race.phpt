--TEST--
Two coroutines that autoload one class: both get it, it is loaded once
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use function Swoole\Coroutine\{go, run};
$loads = 0;
spl_autoload_register(function (string $class) use (&$loads) {
    $loads++;
    Coroutine::sleep(0.01);
    if (!class_exists($class, false)) {
        eval("class $class { const N = 7; }");
    }
});
run(function () {
    for ($i = 0; $i < 3; $i++) {
        go(function () {
            try {
                show(LoadedLate::N, (new LoadedLate)::class);
            } catch (Error $error) {
                show($error->getMessage());
            }
        });
    }
});
?>
--EXPECT--
7 LoadedLate
7 LoadedLate
7 LoadedLate
