--TEST--
A read time-out of a stream holds
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use function Swoole\Coroutine\run;
run(function () {
    $server = stream_socket_server('tcp://127.0.0.1:0');
    [$host, $port] = explode(':', stream_socket_get_name($server, false));
    $socket = fsockopen($host, (int) $port);
    stream_set_timeout($socket, 0, 50000);
    took(elapsed(fn () => show(fgets($socket))), 50);
    show(stream_get_meta_data($socket)['timed_out']);
});
?>
--EXPECT--
false
took about 50 ms
true
