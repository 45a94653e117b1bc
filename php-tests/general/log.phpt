--TEST--
The log: line format, levels, file, date format, rotation
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
date_default_timezone_set('UTC');
putenv('TZ=UTC');
$file = temp_path('.log');
swoole_error_log(SWOOLE_LOG_NOTICE, 'to standard output');
swoole_async_set(['log_file' => $file]);
foreach (['DEBUG', 'TRACE', 'INFO', 'NOTICE', 'WARNING', 'ERROR'] as $level) {
    swoole_error_log(constant("SWOOLE_LOG_$level"), $level);
}
swoole_error_log_ex(SWOOLE_LOG_WARNING, SWOOLE_ERROR_QUEUE_FULL, 'with a code');
swoole_ignore_error(SWOOLE_ERROR_QUEUE_FULL);
swoole_error_log_ex(SWOOLE_LOG_WARNING, SWOOLE_ERROR_QUEUE_FULL, 'ignored');
swoole_async_set(['log_level' => SWOOLE_LOG_ERROR]);
swoole_error_log(SWOOLE_LOG_WARNING, 'below the level');
swoole_async_set(['log_level' => -5, 'log_date_format' => '%Y', 'log_date_with_microseconds' => true]);
swoole_error_log(SWOOLE_LOG_DEBUG, 'microseconds');
swoole_async_set(['log_date_with_microseconds' => false, 'log_date_format' => str_repeat('%Y-', 100)]);
swoole_error_log(SWOOLE_LOG_INFO, 'format kept');
echo "--\n", strtr(file_get_contents($file), [(string) getmypid() => 'PID', date('Y') => 'YEAR']);
foreach ([1 => 'Ym', 2 => 'Ymd', 3 => 'YmdH', 4 => 'YmdHi'] as $rotation => $format) {
    $file = temp_path('.log');
    $before = gmdate($format);
    swoole_async_set(['log_rotation' => $rotation, 'log_file' => $file]);
    swoole_error_log(SWOOLE_LOG_NOTICE, 'rotated');
    // The turn of a minute may lie between.
    $made = array_filter(["$file.$before", "$file." . gmdate($format)], 'is_file');
    echo $rotation, count(array_unique($made)) > 0 ? ' made' : ' not made', is_file($file) ? ' and the bare name' : '', "\n";
    array_map('unlink', array_unique($made));
}
?>
--EXPECTF--
[%d-%d-%d %d:%d:%d %%d.0]	NOTICE	to standard output
--
[YEAR-%d-%d %d:%d:%d %PID.0]	INFO	INFO
[YEAR-%d-%d %d:%d:%d %PID.0]	NOTICE	NOTICE
[YEAR-%d-%d %d:%d:%d %PID.0]	WARNING	WARNING
[YEAR-%d-%d %d:%d:%d %PID.0]	ERROR	ERROR
[YEAR-%d-%d %d:%d:%d %PID.0]	WARNING	%s() (ERRNO 506): with a code
[YEAR<.%d> %PID.0]	DEBUG	microseconds
[YEAR<.%d> %PID.0]	WARNING	%s (ERRNO 505): %s
[YEAR %PID.0]	INFO	format kept
1 made
2 made
3 made
4 made
