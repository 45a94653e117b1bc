<?php
/** One worker in BASE mode on a free port, which it prints. */
use Swoole\Http\Server;

$probe = stream_socket_server('tcp://127.0.0.1:0');
$port = (int) explode(':', stream_socket_get_name($probe, false))[1];
fclose($probe);

$server = new Server('127.0.0.1', $port, SWOOLE_BASE);
$server->set(['worker_num' => 1, 'log_level' => SWOOLE_LOG_NONE, 'http_compression' => false]);
$server->on('WorkerStart', function () use ($port) {
    echo "$port\n";
});
$server->on('Request', function ($request, $response) {
    switch ($request->server['path_info']) {
        case '/json':
            $response->header('Content-Type', 'application/json');
            $response->header('X-Request-Id', $request->header['x-request-id'] ?? '');
            $response->header('Cache-Control', 'no-store');
            $response->end(json_encode(['get' => $request->get, 'agent' => $request->header['user-agent'] ?? null]));
            break;
        case '/echo':
            $response->end((string) strlen($request->rawContent()));
            break;
        default:
            $response->end('Hello, world');
    }
});
$server->start();
