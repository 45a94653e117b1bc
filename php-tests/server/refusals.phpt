--TEST--
What a server refuses, and how it says so
--FILE--
<?php
require __DIR__ . '/../_lib/server.inc';
thrown(fn () => new Swoole\Server('127.0.0.1', 0, 77));
$busy = stream_socket_server('tcp://127.0.0.1:' . ($port = free_port()));
ini_set('swoole.display_errors', '0');
swoole_async_set(['log_level' => SWOOLE_LOG_NONE]);
thrown(fn () => new Swoole\Server('127.0.0.1', $port));
$server = new Swoole\Server('127.0.0.1', free_port());
thrown(fn () => new Swoole\Server('127.0.0.1', 0));
thrown(fn () => clone $server);
thrown(fn () => serialize($server));
show($server->send(1, 'x'));
show($server->on('nonsense', fn () => null));
show($server->listen('999.1.1.1', 1, SWOOLE_SOCK_TCP));
show($server->getCallback('receive'), $server->on('receive', 'strlen'), $server->getCallback('Receive'));
show($server->set(['worker_num' => 3, 'open_tcp_nodelay' => true]), $server->setting);
show($server->getWorkerId(), $server->shutdown(), $server->mode === SWOOLE_BASE, $server->worker_id);
?>
--EXPECTF--
Error(0): invalid $mode parameters 77
Swoole\Exception(98): failed to listen server port[127.0.0.1:%d], Error: Address already in use[98]
Swoole\Exception(-3): server is running. unable to create Swoole\Server
Error(0): Trying to clone an uncloneable object of class Swoole\Server
Exception(0): Serialization of 'Swoole\Server' is not allowed

Warning: Swoole\Server::send(): server is not running in %s on line %d
false
false
false
null true strlen
true {"worker_num":3,"open_tcp_nodelay":true}
false false true -1
