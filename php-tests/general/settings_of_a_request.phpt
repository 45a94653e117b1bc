--TEST--
What one request has set does not reach the next of the same process
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
$port = free_port();
$log = temp_path('.log');
$router = temp_path('.php');
file_put_contents($router, <<<'PHP'
    <?php
    if (isset($_GET['log'])) {
        swoole_async_set(['log_level' => SWOOLE_LOG_ERROR, 'log_file' => $_GET['log'], 'display_errors' => false]);
        swoole_mime_type_add('swt', 'text/swt');
        Swoole\Coroutine::set(['max_coroutine' => 7]);
        swoole_error_log(SWOOLE_LOG_ERROR, 'first');
    } else {
        swoole_error_log(SWOOLE_LOG_ERROR, 'second');
    }
    echo getmypid(), ' ', json_encode([
        swoole_mime_type_exists('a.swt'),
        Swoole\Coroutine::getOptions(),
        swoole_last_error(),
    ]);
    PHP);
$server = proc_open(php_command('-S', "127.0.0.1:$port", $router), [1 => ['file', '/dev/null', 'w'], 2 => ['file', '/dev/null', 'w']], $pipes);
wait_for($port);
$first = explode(' ', file_get_contents("http://127.0.0.1:$port/?log=" . urlencode($log)));
$second = explode(' ', file_get_contents("http://127.0.0.1:$port/"));
proc_terminate($server);
proc_close($server);
show($first[0] === $second[0]);
show($first[1]);
show($second[1]);
show(substr_count(file_get_contents($log), "first\n"), substr_count(file_get_contents($log), "second\n"));
?>
--EXPECT--
true
[true,{"max_coroutine":7},0]
[false,null,0]
1 0
