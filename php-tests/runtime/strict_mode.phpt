--TEST--
Runtime::enableStrictMode() names calls that block in all code, compiled before it or after
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
class Early extends ArrayObject
{
}
$blocks = function (): void {
    usleep(30_000);
    Coroutine::sleep(0.03);
    \usleep(25_000);
    (function () {
        // A method that PHP's own class gave to ours before.
        (new Early(['b', 'a']))->uasort(function ($one, $two) {
            time_nanosleep(0, 30_000_000);
            return strcmp($one, $two);
        });
    })();
    array_map('usleep', [30_000]);
};
$told = function () use ($log): void {
    $text = is_file($log) ? file_get_contents($log) : '';
    file_put_contents($log, '');
    preg_match_all('/\t(\S+)\(\) has blocked coroutine#\d+ and all others for \d+ us\n#0 [^\n]*: (\w+)\(/', $text, $lines, PREG_SET_ORDER);
    echo substr_count($text, 'blocked'), ': ', implode(', ', array_map(fn ($line) => "$line[1] in $line[2]", $lines)), "\n";
};
run($blocks);
$told();
Runtime::enableStrictMode();
Runtime::enableStrictMode();
run($blocks);
$told();
run(fn () => eval('usleep(30_000); Swoole\Coroutine::sleep(0.03);'));
$told();
// Functions that hooks replace, and that come and go, stay what they are.
run(fn () => var_dump(strlen(shell_exec('echo 123')), max(1, 2)));
Runtime::enableCoroutine(0);
run($blocks);
$told();
?>
--EXPECT--
0: 
4: usleep in usleep, usleep in usleep, time_nanosleep in time_nanosleep, usleep in usleep
1: usleep in usleep
int(4)
int(2)
4: usleep in usleep, usleep in usleep, time_nanosleep in time_nanosleep, usleep in usleep
