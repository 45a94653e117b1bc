--TEST--
SWOOLE_HOOK_SOCKETS: socket_* give and take Swoole\Coroutine\Socket in coroutines
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use Swoole\Runtime;
use function Swoole\Coroutine\{go, run};
Runtime::enableCoroutine(SWOOLE_HOOK_SOCKETS | SWOOLE_HOOK_SLEEP);
$own = socket_create(AF_INET, SOCK_STREAM, SOL_TCP);
echo "outside: ", get_class($own), "\n";
run(function () use ($own) {
    $listener = socket_create_listen(0);
    echo "inside: ", get_class($listener), ', ', $listener instanceof Socket ? 'a Socket' : 'no Socket', "\n";
    var_dump(socket_getsockname($listener, $address, $port), $address);
    go(function () use ($port) {
        $client = socket_create(AF_INET, SOCK_STREAM, SOL_TCP);
        var_dump(socket_connect($client, '127.0.0.1', $port));
        socket_getsockname($client, $host, $mine);
        var_dump(socket_write($client, "$mine\nrest, cut here", 11 + strlen($mine) - 5));
        var_dump(socket_recv($client, $peeked, 100, MSG_PEEK), $peeked);
        var_dump(socket_recv($client, $got, 5, MSG_WAITALL), $got);
        var_dump(socket_read($client, 100));
        $end = socket_read($client, 100);
        echo "end: ", json_encode($end), "\n";
        socket_close($client);
    });
    $peer = socket_accept($listener);
    socket_getpeername($peer, $host, $theirs);
    $line = socket_read($peer, 100, PHP_NORMAL_READ);
    echo "line: ", rtrim($line) == $theirs ? 'ok' : 'wrong', "\n";
    var_dump(socket_read($peer, 100));
    Coroutine::sleep(0.01);
    socket_send($peer, 'answer', 0, 0);
    socket_set_nonblock($peer);
    var_dump(socket_recv($peer, $none, 10, 0));
    echo "error: ", socket_last_error($peer) === SOCKET_ETIMEDOUT ? 'ETIMEDOUT' : socket_last_error($peer), "\n";
    socket_clear_error($peer);
    var_dump(socket_last_error($peer));
    socket_set_block($peer);
    var_dump(socket_shutdown($peer));
    Coroutine::sleep(0.01);
    var_dump(socket_close($peer));

    socket_create_pair(AF_UNIX, SOCK_DGRAM, 0, $pair);
    [$left, $right] = $pair;
    go(function () use ($left, $right) {
        $read = ['late' => $right, 'silent' => $left];
        $write = $except = null;
        var_dump(socket_select($read, $write, $except, 5), array_keys($read), $read['late'] === $right);
        $message = ['name' => [], 'buffer_size' => 10, 'controllen' => 64];
        var_dump(socket_recvmsg($right, $message), $message['iov']);
    });
    Coroutine::sleep(0.01);
    socket_sendmsg($left, ['iov' => ['two ', 'parts']]);
    Coroutine::sleep(0.05);

    // What PHP's own functions have made stays theirs.
    socket_set_option($own, SOL_SOCKET, SO_REUSEADDR, 1);
    var_dump(socket_get_option($own, SOL_SOCKET, SO_REUSEADDR));
    foreach ([fn () => socket_connect($left), fn () => socket_send($left, 'x', 1, MSG_DONTROUTE)] as $wrong) {
        try {
            $wrong();
        } catch (Throwable $error) {
            echo get_class($error), ': ', $error->getMessage(), "\n";
        }
    }
});
Runtime::enableCoroutine(0);
run(function () {
    echo "off: ", get_class(socket_create(AF_INET, SOCK_STREAM, SOL_TCP)), "\n";
});
var_dump(is_subclass_of(Coroutine\Socket::class, 'Socket'));
?>
--EXPECT--
outside: Socket
inside: Swoole\Coroutine\Socket, a Socket
bool(true)
string(7) "0.0.0.0"
bool(true)
int(11)
line: ok
string(5) "rest,"
int(6)
string(6) "answer"
int(5)
string(5) "answe"
string(1) "r"
bool(false)
error: ETIMEDOUT
int(0)
bool(true)
end: ""
NULL
int(1)
array(1) {
  [0]=>
  string(4) "late"
}
bool(true)
int(9)
array(1) {
  [0]=>
  string(9) "two parts"
}
int(1)
ArgumentCountError: Too few arguments to function swoole_socket_connect(), 1 passed and at least 2 expected
RuntimeException: $flags[4] is not supported
off: Socket
bool(false)
