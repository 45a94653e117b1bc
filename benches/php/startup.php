<?php
require __DIR__ . '/_lib.php';

// A whole php with the extension, less a whole php without it.
$with = [PHP_BINARY, '-n'];
foreach (['sockets', 'curl', 'mysqlnd', 'pdo'] as $name) {
    if (extension_loaded($name) && is_file(ini_get('extension_dir') . "/$name.so")) {
        array_push($with, '-d', "extension=$name");
    }
}
$without = $with;
foreach (file('/proc/self/maps') as $line) {
    if (preg_match('#(/\S*swoole\S*\.so)$#', trim($line), $found)) {
        array_push($with, '-d', 'extension=' . $found[1]);
        break;
    }
}
$measure = function (array $command): float {
    $start = getrusage(1);
    for ($i = 0; $i < 20; $i++) {
        proc_close(proc_open([...$command, '-r', ''], [], $pipes));
    }
    $end = getrusage(1);
    $seconds = fn (array $u) => $u['ru_utime.tv_sec'] + $u['ru_stime.tv_sec'] + ($u['ru_utime.tv_usec'] + $u['ru_stime.tv_usec']) / 1e6;
    return ($seconds($end) - $seconds($start)) / 20 * 1e3;
};
report('start of php: what the extension adds', max(0.01, $measure($with) - $measure($without)), 'ms');
