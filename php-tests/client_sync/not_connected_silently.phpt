--TEST--
Client: use before connect() leaves its codes, also where swoole.display_errors silences the warning
--INI--
swoole.display_errors=0
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
set_error_handler(fn (int $level, string $text) => print("$level: $text\n"));
$client = new Swoole\Client(SWOOLE_SOCK_TCP);
show($client->send('x'), swoole_last_error() === SWOOLE_ERROR_PHP_RUNTIME_NOTICE, $client->errCode === SWOOLE_ERROR_CLIENT_NO_CONNECTION);
show($client->recv(), $client->getsockname());
ini_set('swoole.display_errors', '1');
show($client->recv());
show($client->close());
?>
--EXPECT--
false true true
false false
2: Swoole\Client::recv(): client is not connected to server
false
2: Swoole\Client::close(): client is not connected to the server
false
