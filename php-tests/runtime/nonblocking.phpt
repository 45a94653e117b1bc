--TEST--
A caller who wants no blocking gets none
--EXTENSIONS--
sockets
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use Swoole\Runtime;
use function Swoole\Coroutine\{go, run};
// Made outside: ext/sockets' own, over libc's hooks.
socket_create_pair(AF_UNIX, SOCK_STREAM, 0, $pair);
run(function () use ($pair) {
    [$a, $b] = stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, 0);
    stream_set_blocking($a, false);
    took(elapsed(fn () => var_dump(fread($a, 10))), 0, 50);
    took(elapsed(function () use ($pair) {
        var_dump(@socket_recv($pair[0], $data, 10, MSG_DONTWAIT), socket_last_error($pair[0]) === SOCKET_EAGAIN);
        socket_set_nonblock($pair[0]);
        var_dump(@socket_read($pair[0], 10), socket_last_error($pair[0]) === SOCKET_EAGAIN);
    }), 0, 50);
    $server = stream_socket_server('tcp://127.0.0.1:0');
    $client = stream_socket_client('tcp://' . stream_socket_get_name($server, false), $code, $text, 1, STREAM_CLIENT_CONNECT | STREAM_CLIENT_ASYNC_CONNECT);
    var_dump(stream_get_meta_data($client)['blocked']);
});
?>
--EXPECT--
string(0) ""
took about 0 ms
bool(false)
bool(true)
bool(false)
bool(true)
took about 0 ms
bool(true)
