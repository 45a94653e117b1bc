--TEST--
Texts of error codes, and the last error
--FILE--
<?php
foreach ([[2], [501], [SWOOLE_ERROR_CO_OUT_OF_COROUTINE], [499], [777], [501, SWOOLE_STRERROR_SYSTEM], [2, SWOOLE_STRERROR_SWOOLE],
    [777, SWOOLE_STRERROR_SWOOLE], [-2, SWOOLE_STRERROR_GAI], [1, SWOOLE_STRERROR_DNS]] as $case) {
    echo implode(',', $case), ': ', swoole_strerror(...$case), "\n";
}
foreach (get_defined_constants(true)['swoole'] as $name => $code) {
    if (str_starts_with($name, 'SWOOLE_ERROR_') && str_starts_with(swoole_strerror($code), 'Unknown')) {
        echo "no text for $name\n";
    }
}
var_dump(swoole_last_error());
swoole_ignore_error(4711);
swoole_error_log_ex(SWOOLE_LOG_WARNING, 4711, 'not written');
var_dump(swoole_last_error());
swoole_clear_error();
var_dump(swoole_last_error());
try {
    swoole_strerror();
} catch (ArgumentCountError $error) {
    echo $error->getMessage(), "\n";
}
?>
--EXPECT--
2: No such file or directory
501: Malloc fail
10001: Coroutine out of coroutine
499: Unknown error 499
777: Unknown error 777
501,0: Malloc fail
2,9: No such file or directory
777,9: Unknown error 777
-2,1: Name or service not known
1,2: Unknown host
int(0)
int(4711)
int(0)
swoole_strerror() expects at least 1 argument, 0 given
