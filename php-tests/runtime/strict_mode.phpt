--TEST--
Runtime::enableStrictMode() watches code that is compiled after it
--INI--
swoole.blocking_threshold=20000
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use Swoole\Runtime;
use function Swoole\Coroutine\run;
$log = temp_path('.log');
Coroutine::set(['log_file' => $log, 'hook_flags' => SWOOLE_HOOK_ALL ^ SWOOLE_HOOK_SLEEP]);
Runtime::enableStrictMode();
run(fn () => eval('usleep(30_000); Swoole\Coroutine::sleep(0.03);'));
echo preg_match_all('/\t(usleep\(\) has blocked coroutine#1 and all others for) [0-9]+ us\n#0 .*usleep/', file_get_contents($log)), "\n";
echo substr_count(file_get_contents($log), 'blocked'), "\n";
?>
--EXPECT--
1
1
