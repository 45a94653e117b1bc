--TEST--
A port that is taken, a start() without handler or with bad settings, a shutdown() before start()
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine\Server;
use function Swoole\Coroutine\run;
run(function () {
    $first = new Server('127.0.0.1');
    try {
        new Server('127.0.0.1', $first->port);
    } catch (Swoole\Exception $e) {
        show(str_replace((string) $first->port, 'PORT', $e->getMessage()), $e->getCode() === SOCKET_EADDRINUSE);
    }
    show($first->start(), $first->errCode === SOCKET_EINVAL);
    $first->handle(fn () => null);
    $first->set(['ssl_cert_file' => '/nowhere', 'open_ssl' => true]);
    show(@$first->start(), $first->errCode === SOCKET_EINVAL);
    show($first->shutdown());
    show((new ReflectionClass(Server::class))->newInstanceWithoutConstructor()->start());
    try {
        (new ReflectionClass(Server::class))->newInstanceWithoutConstructor()->shutdown();
    } catch (Error $e) {
        show($e->getMessage());
    }
});
?>
--EXPECT--
bind(127.0.0.1:PORT) failed true
false true
false true
false
false
must call constructor first
