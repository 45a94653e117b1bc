--TEST--
The underscore names of old programs
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
foreach (['swoole_process' => 'Swoole\Process', 'swoole_atomic' => 'Swoole\Atomic', 'swoole_timer' => 'Swoole\Timer', 'swoole_event' => 'Swoole\Event', 'swoole_http_server' => 'Swoole\Http\Server', 'swoole_http_request' => 'Swoole\Http\Request', 'swoole_http_response' => 'Swoole\Http\Response', 'swoole_server' => 'Swoole\Server'] as $old => $new) {
    show($old, class_exists($old) ? (new ReflectionClass($old))->getName() : 'missing');
}
?>
--EXPECT--
swoole_process Swoole\Process
swoole_atomic Swoole\Atomic
swoole_timer Swoole\Timer
swoole_event Swoole\Event
swoole_http_server Swoole\Http\Server
swoole_http_request Swoole\Http\Request
swoole_http_response Swoole\Http\Response
swoole_server Swoole\Server
