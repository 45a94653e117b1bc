--TEST--
gethostbyname and getaddrinfo of names that need no network
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine\System;
use function Swoole\Coroutine\run;
run(function () {
    show(System::gethostbyname('localhost'), System::gethostbyname('127.0.0.3'));
    show(System::getaddrinfo('127.0.0.1', AF_INET, SOCK_STREAM, STREAM_IPPROTO_TCP));
});
?>
--EXPECT--
127.0.0.1 127.0.0.3
["127.0.0.1"]
