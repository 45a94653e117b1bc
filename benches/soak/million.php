<?php
/**
 * php million.php [COUNT [STACK_BYTES]]: COUNT coroutines alive at once, all asleep; how long it takes to make them,
 * to end them, and what memory one of them takes.
 */
use Swoole\Coroutine;
use function Swoole\Coroutine\{go, run};

$count = (int) ($argv[1] ?? 1_000_000);
ini_set('memory_limit', '-1');
Coroutine::set(['max_coroutine' => $count + 10] + (isset($argv[2]) ? ['c_stack_size' => (int) $argv[2]] : []));

function memory(string $key): int
{
    preg_match("/^$key:\\s+(\\d+)/m", file_get_contents('/proc/self/status'), $found);
    return (int) ($found[1] ?? 0);
}

$before = memory('VmRSS');
$tables = memory('VmPTE');
$start = hrtime(true);
run(function () use ($count, $before, $tables, $start) {
    $made = 0;
    for ($i = 0; $i < $count; $i++) {
        // Ends are spread over a second, in another order than the beginnings.
        $made += go(fn () => Coroutine::sleep(20 + ($i * 7919 % 1000) / 1000)) ? 1 : 0;
    }
    $took = (hrtime(true) - $start) / 1e9;
    printf("made %d in %.2f s (%.2f us each)\n", $made, $took, $took / max($made, 1) * 1e6);
    printf("resident %.2f KiB each, page tables %.2f KiB each\n", (memory('VmRSS') - $before) / $made,
        (memory('VmPTE') - $tables) / $made);
});
$busy = getrusage();
printf("all ended after %.2f s; user %.2f s, system %.2f s\n", (hrtime(true) - $start) / 1e9,
    $busy['ru_utime.tv_sec'] + $busy['ru_utime.tv_usec'] / 1e6, $busy['ru_stime.tv_sec'] + $busy['ru_stime.tv_usec'] / 1e6);
printf("resident at the end %d MiB, at most %d MiB\n", memory('VmRSS') / 1024, memory('VmHWM') / 1024);
