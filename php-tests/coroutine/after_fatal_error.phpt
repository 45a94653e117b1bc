--TEST--
Shutdown functions after a fatal error start coroutines, and those of before are gone
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
$fatal = [
    'in a coroutine' => 'Coroutine::sleep(0.001); $text = str_repeat("x", 1 << 30);',
    'while compiling' => 'eval("abstract final class Impossible {}");',
    'by an exception' => 'throw new Exception("nobody catches it");',
];
foreach ($fatal as $name => $code) {
    $run = run_php(<<<PHP
        use Swoole\Coroutine;
        use function Swoole\Coroutine\{go, run};
        ini_set('memory_limit', '64M');
        ini_set('display_errors', '0');
        register_shutdown_function(function () {
            go(function () {
                echo "again ";
                Coroutine::sleep(0.001);
                echo "never ";
            });
            echo "end";
        });
        run(function () {
            go(function () { Coroutine::sleep(0.01); echo "zombie "; });
            go(function () { $code });
        });
        PHP);
    show($name . ':', $run->output, $run->exit, $run->signal);
}
?>
--EXPECT--
in a coroutine: again end 255 0
while compiling: again end 255 0
by an exception: again end 255 0
