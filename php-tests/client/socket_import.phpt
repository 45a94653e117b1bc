--TEST--
Coroutine\Socket::import(): stream and socket are one, and either may go first
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine\Socket;
use function Swoole\Coroutine\run;
run(function () {
    $import = function () {
        [$stream, $peer] = stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, 0);
        return [$stream, $peer, Socket::import($stream)];
    };
    $kind = fn ($socket) => $socket->getOption(SOL_SOCKET, SO_TYPE);

    [$stream, $peer, $socket] = $import();
    fwrite($peer, 'to both');
    show($socket->recv(2), fread($stream, 100), $socket->send('from socket'), fread($peer, 100));
    fclose($stream);
    show('stream closed', $kind($socket), $socket->send('still'), fread($peer, 100), $socket->close());

    [$stream, $peer, $socket] = $import();
    unset($stream);
    show('stream dropped', $kind($socket), $socket->send('still'), fread($peer, 100));

    [$stream, $peer, $socket] = $import();
    unset($socket);
    show('socket dropped', fwrite($stream, 'still'), fread($peer, 100));

    [$stream, $peer, $socket] = $import();
    show('socket closed', $socket->close(), is_resource($stream), $kind($socket), $socket->errCode === SOCKET_EBADF, fread($peer, 100), feof($peer));
});
?>
--EXPECT--
to  both 11 from socket
stream closed 1 5 still true
stream dropped 1 5 still
socket dropped 5 still
socket closed true false false true  true
