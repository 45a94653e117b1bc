<?php
/** Called by benches/run: every benchmark in rounds, both extensions in turns, medians as a Markdown table. */

[, $php, $extensions, $rounds, $seconds, $ours, $against] = $argv;
$only = array_slice($argv, 7);
$modules = array_filter(['swoole-rs' => $ours, 'other' => $against]);

$options = ['-n', '-d', 'memory_limit=-1'];
foreach (['sockets', 'curl', 'mysqlnd', 'pdo'] as $name) {
    if (is_file("$extensions/$name.so")) {
        array_push($options, '-d', "extension=$name");
    }
}

/** @return list<array{string, float, string}> name, value, unit */
function run_script(array $command): array
{
    $process = proc_open($command, [['file', '/dev/null', 'r'], ['pipe', 'w'], STDERR], $pipes);
    $rows = [];
    while (($line = fgets($pipes[1])) !== false) {
        if (is_array($row = json_decode($line, true))) {
            $rows[] = $row;
        } else {
            fwrite(STDERR, $line);
        }
    }
    $status = proc_close($process);
    if ($status !== 0) {
        fwrite(STDERR, 'status ' . $status . ': ' . end($command) . "\n");
    }
    return $rows;
}

/** CPU seconds that a process has used, in user and kernel mode. */
function cpu_seconds(int $pid): float
{
    $fields = explode(' ', substr(strrchr(file_get_contents("/proc/$pid/stat"), ')'), 2));
    return ($fields[11] + $fields[12]) / 100;
}

/** Loads a server of one process with wrk, and tells the server's CPU time a request. */
function run_server(array $command, string $path, string $script, int $connections, int $seconds): array
{
    $process = proc_open($command, [['file', '/dev/null', 'r'], ['pipe', 'w'], STDERR], $pipes);
    $pid = proc_get_status($process)['pid'];
    $port = (int) fgets($pipes[1]);
    $load = fn (int $seconds) => shell_exec(implode(' ', array_map('escapeshellarg', [
        'wrk', '-t1', "-c$connections", "-d{$seconds}s", ...($script === '' ? [] : ['-s', __DIR__ . "/wrk/$script.lua"]),
        "http://127.0.0.1:$port$path",
    ])));
    $load(1);
    $before = cpu_seconds($pid);
    $report = $load($seconds);
    $used = cpu_seconds($pid) - $before;
    proc_terminate($process);
    proc_close($process);
    if (!preg_match('/(\d+) requests in/', $report, $found) || preg_match('/Non-2xx|Socket errors/', $report)) {
        fwrite(STDERR, $report);
        return [];
    }
    return [$used * 1e6 / $found[1], 'µs'];
}

// By file: path, wrk script, connections
$servers = [
    'http_server' => [
        'http_hello' => ['/', '', 64],
        'http_json_headers' => ['/json?a=1&b=2', 'headers', 64],
        'http_post_64k' => ['/echo', 'post', 16],
        'http_pipeline_16' => ['/', 'pipeline', 16],
    ],
    'coroutine_http_server' => [
        'coroutine_http_hello' => ['/', '', 64],
    ],
];

$results = $units = [];
$note = function (string $name, string $module, float $value, string $unit) use (&$results, &$units) {
    $results[$name][$module][] = $value;
    $units[$name] = $unit;
};
for ($round = 1; $round <= $rounds; $round++) {
    // Who begins changes with each round, so that neither always has the warmer machine.
    $order = $round % 2 ? $modules : array_reverse($modules);
    foreach (glob(__DIR__ . '/php/*.php') as $file) {
        $name = basename($file, '.php');
        if ($name[0] === '_' || ($only && !in_array($name, $only, true))) {
            continue;
        }
        foreach ($order as $module => $so) {
            fwrite(STDERR, "round $round: $name ($module)\n");
            $command = [$php, ...$options, '-d', "extension=$so", $file];
            if (isset($servers[$name])) {
                foreach ($servers[$name] as $server => [$path, $script, $connections]) {
                    if ($measured = run_server($command, $path, $script, $connections, $seconds)) {
                        $note($server, $module, ...$measured);
                    }
                }
                continue;
            }
            foreach (run_script($command) as $row) {
                $note($row[0], $module, $row[1], $row[2]);
            }
        }
    }
}

$median = function (array $values): float {
    sort($values);
    $middle = intdiv(count($values), 2);
    return count($values) % 2 ? $values[$middle] : ($values[$middle - 1] + $values[$middle]) / 2;
};
$format = fn (float $value) => $value >= 100 ? number_format($value) : number_format($value, $value >= 10 ? 1 : 2);
echo '| benchmark | ', implode(' | ', array_keys($modules)), count($modules) > 1 ? ' | ratio |' : ' |', "\n";
echo '| --- |', str_repeat(' ---: |', count($modules) + (count($modules) > 1 ? 1 : 0)), "\n";
foreach ($results as $name => $byModule) {
    $cells = [];
    foreach ($modules as $module => $_) {
        $cells[$module] = isset($byModule[$module]) ? $median($byModule[$module]) : null;
    }
    echo "| $name |";
    foreach ($cells as $value) {
        echo ' ', $value === null ? 'failed' : $format($value) . ' ' . $units[$name], ' |';
    }
    if (count($modules) > 1) {
        echo ' ', isset($cells['swoole-rs'], $cells['other']) && $cells['swoole-rs'] > 0 ? number_format($cells['other'] / $cells['swoole-rs'], 2) : '–', ' |';
    }
    echo "\n";
}
