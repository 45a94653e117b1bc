--TEST--
Two coroutines that read one connection at once: the second is told
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use function Swoole\Coroutine\{go, run};
run(function () {
    [$a, $b] = stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, 0);
    go(function () use ($a) {
        var_dump(fgets($a));
    });
    go(function () use ($a) {
        try {
            fread($a, 10);
            echo "read\n";
        } catch (Swoole\Error $error) {
            echo preg_replace('/\d+/', 'N', $error->getMessage()), "\n";
            var_dump($error->getCode() === SWOOLE_ERROR_CO_HAS_BEEN_BOUND);
        }
    });
    go(fn () => fwrite($a, "both directions\n"));
    var_dump(fgets($b));
    fwrite($b, "first\n");
});
?>
--EXPECT--
Socket#N has already been bound to another coroutine#N, reading of the same socket in coroutine#N at the same time is not allowed
bool(true)
string(16) "both directions
"
string(6) "first
"
