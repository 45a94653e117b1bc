--TEST--
HTTP/2 frame by frame, with Python's hyperframe: RFC 9113's errors, flow control, malformed requests, floods
--FILE--
<?php
require __DIR__ . '/../_lib/http.inc';
$server = TestServer::handler(function ($request, $response) {
    $response->end($request->getMethod() === 'POST' ? (string) strlen($request->rawContent()) : str_repeat('x', 1000));
}, ['open_http2_protocol' => true, 'log_level' => SWOOLE_LOG_NONE]);
$run = run_command(['/usr/bin/python3', __DIR__ . '/frames.py', (string) $server->port], 55);
echo $run->output, $run->errors;
?>
--EXPECT--
102 cases, 0 wrong
