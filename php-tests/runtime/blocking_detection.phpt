--TEST--
swoole.blocking_detection and enableStrictMode() name calls that blocked, with a backtrace
--INI--
swoole.blocking_detection=On
swoole.blocking_threshold=20000
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use Swoole\Runtime;
use function Swoole\Coroutine\{go, run};
$log = temp_path('.log');
Coroutine::set(['log_file' => $log, 'hook_flags' => SWOOLE_HOOK_ALL]);
/** Lines of the log without what differs from run to run. */
$told = function () use ($log): void {
    $differs = ['/^\[[^]]*\]\t/m' => '', '/\d+ us/' => 'N us', '/\{closure:\S+\}\(/' => '{closure}(', '/^(#\d+ ).*\/([a-z_]+\.php)\(\d+\)/m' => '$1$2'];
    $text = preg_replace(array_keys($differs), $differs, file_get_contents($log));
    file_put_contents($log, '');
    echo $text === '' ? "nothing\n" : $text;
};
function waits(): void
{
    usleep(30_000);
}
run(fn () => waits());
echo "hooked: ";
$told();
Runtime::setHookFlags(SWOOLE_HOOK_ALL ^ SWOOLE_HOOK_SLEEP);
run(fn () => array_map(fn () => waits(), [1]));
echo "not hooked: ";
$told();
run(fn () => usleep(1000));
echo "short: ";
$told();
usleep(30_000);
echo "outside: ";
$told();
?>
--EXPECT--
hooked: nothing
not hooked: WARNING	usleep() has blocked coroutine#2 and all others for N us
#0 blocking_detection.php: usleep()
#1 blocking_detection.php: waits()
#2 [internal function]: {closure}()
#3 blocking_detection.php: array_map()
#4 [internal function]: {closure}()
short: nothing
outside: nothing
