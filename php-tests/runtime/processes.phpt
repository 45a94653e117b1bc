--TEST--
exec family, popen and proc_open: output, exit codes, all at once
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use Swoole\Runtime;
use function Swoole\Coroutine\{go, run};
run(function () {
    $time = elapsed(function () {
        $all = [];
        for ($i = 0; $i < 10; $i++) {
            $all[] = go(function () use ($i) {
                if (trim(shell_exec("sleep 0.3; echo $i")) !== "$i") {
                    echo "wrong output\n";
                }
                exec("sleep 0.1; exit $i", $output, $code);
                if ($code !== $i) {
                    echo "exec: $code instead of $i\n";
                }
            });
            $all[] = go(function () use ($i) {
                $process = proc_open(['sh', '-c', "sleep 0.2; cat; exit $i"], [['pipe', 'r'], ['pipe', 'w']], $pipes);
                fwrite($pipes[0], str_repeat("$i", 100_000));
                fclose($pipes[0]);
                $got = stream_get_contents($pipes[1]);
                fclose($pipes[1]);
                $code = proc_close($process);
                if ($got !== str_repeat("$i", 100_000) || $code !== $i) {
                    echo 'proc_open: ', strlen($got), " bytes, code $code instead of $i\n";
                }
            });
            $all[] = go(function () use ($i) {
                $pipe = popen("sleep 0.2; exit $i", 'r');
                $code = pclose($pipe);
                if ($code !== $i) {
                    echo "pclose: $code instead of $i\n";
                }
            });
        }
        Coroutine::join($all);
    });
    took($time, 400, 1200);
    $process = proc_open(['sleep', '10'], [], $pipes);
    show(get_resource_type($process), proc_get_status($process)['running'], proc_terminate($process), proc_close($process));
    show(get_resource_type($process));
    $GLOBALS['early'] = proc_open(['true'], [], $pipes);
});
// Opened in a coroutine, closed outside and without hooks.
Runtime::setHookFlags(0);
$late = proc_open(['true'], [], $pipes);
show(get_resource_type($late), proc_close($late), proc_close($early));
?>
--EXPECT--
took about 400 ms
process/coroutine true true 15
Unknown
process 0 0
