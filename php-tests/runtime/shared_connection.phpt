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
        ini_set('display_errors', '0');
        var_dump(fread($a, 10));
        echo preg_replace('/\d+/', 'N', error_get_last()['message']), "\n";
    });
    go(fn () => fwrite($a, "both directions\n"));
    var_dump(fgets($b));
    fwrite($b, "first\n");
});
?>
--EXPECT--
string(0) ""
fread(): Socket#N has already been bound to another coroutine#N, reading of the same socket in coroutine#N at the same time is not allowed
string(16) "both directions
"
string(6) "first
"
