--TEST--
Outside coroutines hooked calls block, and cost next to nothing
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use Swoole\Runtime;
use function Swoole\Coroutine\{go, run};
Runtime::enableCoroutine(SWOOLE_HOOK_ALL);
took(elapsed(fn () => usleep(50_000)), 50, 100);
[$a, $b] = stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, 0);
fwrite($a, "line\n");
var_dump(fgets($b));
stream_set_timeout($b, 0, 50_000);
took(elapsed(fn () => fread($b, 10)), 50, 100);
var_dump(stream_get_meta_data($b)['timed_out'], shell_exec('echo shell'), gethostbyname('127.0.0.1'));
?>
--EXPECT--
took about 50 ms
string(5) "line
"
took about 50 ms
bool(true)
string(6) "shell
"
string(9) "127.0.0.1"
