--TEST--
A port that is taken: the constructor or start() fails with a clear message
--FILE--
<?php
require __DIR__ . '/../_lib/http.inc';
$held = stream_socket_server('tcp://127.0.0.1:0');
$port = (int) explode(':', stream_socket_get_name($held, false))[1];
$run = run_php("\$s = new Swoole\\Http\\Server('127.0.0.1', $port, SWOOLE_BASE); \$s->on('Request', fn () => 1); \$s->start(); echo 'started';");
show($run->exit, str_contains($run->output, 'Address already in use'), str_contains($run->output, 'started'));
?>
--EXPECT--
255 true false
