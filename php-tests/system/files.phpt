--TEST--
readFile, writeFile: whole files, append, what cannot be opened
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine\System;
use function Swoole\Coroutine\run;
// What cannot be opened is a line of the log besides.
Swoole\Coroutine::set(['log_level' => SWOOLE_LOG_ERROR]);
run(function () {
    $file = temp_path();
    $data = random_bytes(300000);
    show(System::writeFile($file, $data), System::readFile($file) === $data);
    show(System::writeFile($file, 'tail', FILE_APPEND), filesize($file), substr(System::readFile($file), -4));
    show(System::writeFile($file, 'short'), System::readFile($file));
    show(@System::readFile('/no/such/file'), @System::writeFile('/no/such/dir/file', 'x'));
});
?>
--EXPECT--
300000 true
4 300004 tail
5 short
false false
