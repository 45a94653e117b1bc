--TEST--
stream_set_timeout, default_socket_timeout, connect time-outs and SO_RCVTIMEO end a wait
--EXTENSIONS--
sockets
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use Swoole\Runtime;
use function Swoole\Coroutine\{go, run};
// Made outside: ext/sockets' own, over libc's hooks.
$socket = socket_create(AF_INET, SOCK_DGRAM, 0);
run(function () use ($socket) {
    [$a, $b] = stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, 0);
    stream_set_timeout($a, 0, 100_000);
    took(elapsed(function () use ($a) {
        var_dump(fread($a, 10), stream_get_meta_data($a)['timed_out']);
    }), 100, 100);

    ini_set('default_socket_timeout', '1');
    $server = stream_socket_server('tcp://127.0.0.1:0');
    took(elapsed(function () use ($server) {
        var_dump(@stream_socket_accept($server, 0.2));
    }), 200, 100);
    $client = stream_socket_client('tcp://' . stream_socket_get_name($server, false));
    took(elapsed(fn () => var_dump(fgets($client))), 1000);

    socket_bind($socket, '127.0.0.1');
    socket_set_option($socket, SOL_SOCKET, SO_RCVTIMEO, ['sec' => 0, 'usec' => 150_000]);
    took(elapsed(function () use ($socket) {
        var_dump(@socket_recv($socket, $data, 10, 0), socket_last_error($socket) === SOCKET_EAGAIN);
    }), 150, 100);
});
?>
--EXPECT--
bool(false)
bool(true)
took about 100 ms
bool(false)
took about 200 ms
bool(false)
took about 1000 ms
bool(false)
bool(true)
took about 150 ms
