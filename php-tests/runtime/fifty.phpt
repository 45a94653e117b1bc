--TEST--
50 coroutines that wait half a second each: sleeps, processes of every kind, file locks, FIFOs
--EXTENSIONS--
posix
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use function Swoole\Coroutine\{go, run};
$fifty = function (string $name, callable $wait): void {
    $right = null;
    $time = elapsed(function () use ($wait, &$right) {
        $right = array_sum(array_map(intval(...), Coroutine\map(range(1, 50), $wait)));
    });
    echo "$name: $right ";
    // One after another it would be 25 s; processes take their time to start on a busy machine.
    took($time, 500, 2500);
};
run(function () use ($fifty) {
    $fifty('usleep', fn ($i) => usleep(500_000) ?? true);
    $fifty('time_nanosleep', fn ($i) => time_nanosleep(0, 500_000_000));
    $fifty('exec', fn ($i) => exec("sleep 0.5; echo $i; exit $i", $lines, $code) === "$i" && $code === $i);
    $fifty('shell_exec', fn ($i) => shell_exec("sleep 0.5; echo $i") === "$i\n");
    $fifty('popen', function ($i) {
        $pipe = popen("sleep 0.5; echo $i; exit $i", 'r');
        return fgets($pipe) === "$i\n" && pclose($pipe) === $i;
    });
    $fifty('proc_open', function ($i) {
        $process = proc_open(['sh', '-c', "sleep 0.5; cat; exit $i"], [['pipe', 'r'], ['pipe', 'w']], $pipes);
        fwrite($pipes[0], "$i");
        fclose($pipes[0]);
        return stream_get_contents($pipes[1]) === "$i" && proc_close($process) === $i;
    });
    $path = temp_path();
    $holder = fopen($path, 'w');
    flock($holder, LOCK_EX);
    go(function () use ($holder) {
        usleep(500_000);
        flock($holder, LOCK_UN);
    });
    $fifty('flock', function ($i) use ($path) {
        $file = fopen($path, 'r');
        return flock($file, LOCK_SH);
    });
    $fifos = array_map(fn () => temp_path('.fifo'), range(0, 50));
    array_map(fn ($fifo) => posix_mkfifo($fifo, 0600), $fifos);
    go(function () use ($fifos) {
        usleep(500_000);
        for ($i = 1; $i <= 50; $i++) {
            file_put_contents($fifos[$i], "for $i");
        }
    });
    $fifty('FIFOs', fn ($i) => file_get_contents($fifos[$i]) === "for $i");
});
?>
--EXPECT--
usleep: 50 took about 500 ms
time_nanosleep: 50 took about 500 ms
exec: 50 took about 500 ms
shell_exec: 50 took about 500 ms
popen: 50 took about 500 ms
proc_open: 50 took about 500 ms
flock: 50 took about 500 ms
FIFOs: 50 took about 500 ms
