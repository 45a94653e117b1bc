<?php
/** CPU time of this process so far, in seconds. */
function cpu(): float
{
    $usage = getrusage();
    return $usage['ru_utime.tv_sec'] + $usage['ru_stime.tv_sec'] + ($usage['ru_utime.tv_usec'] + $usage['ru_stime.tv_usec']) / 1e6;
}

/** Reports one figure: less is better for all of them. */
function report(string $name, float $value, string $unit): void
{
    echo json_encode([$name, $value, $unit], JSON_UNESCAPED_UNICODE), "\n";
}

/** Runs $body, which does $operations of something, and reports the CPU time of one. A tenth of it warms up before. */
function bench(string $name, int $operations, callable $body): void
{
    $body(intdiv($operations, 10));
    $start = cpu();
    $body($operations);
    report($name, (cpu() - $start) * 1e9 / $operations, 'ns');
}

/** Resident bytes of this process. */
function resident(): int
{
    return (int) explode(' ', file_get_contents('/proc/self/statm'))[1] * 4096;
}
