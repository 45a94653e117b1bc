--TEST--
A FIFO without its other end holds up one coroutine only
--EXTENSIONS--
posix
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use Swoole\Runtime;
use function Swoole\Coroutine\{go, run};
run(function () {
    $path = temp_path();
    posix_mkfifo($path, 0600);
    go(function () use ($path) {
        $reader = fopen($path, 'r');
        var_dump(fgets($reader));
    });
    usleep(50_000);
    echo "meanwhile\n";
    $writer = fopen($path, 'w');
    fwrite($writer, "through\n");
    fclose($writer);
});
?>
--EXPECT--
meanwhile
string(8) "through
"
