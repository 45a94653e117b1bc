<?php
/**
 * An HTTP server: one coroutine for each request.
 *
 *   scripts/serve                                  then  curl http://127.0.0.1:9501/
 *   curl 'http://127.0.0.1:9501/sleep?ms=200'      others are served meanwhile
 *   curl -d 'name=value' http://127.0.0.1:9501/echo
 */
use Swoole\Coroutine;
use Swoole\Http\{Request, Response, Server};

$host = getenv('HOST') ?: '127.0.0.1';
$port = (int) (getenv('PORT') ?: 9501);

$server = new Server($host, $port, SWOOLE_BASE);
$server->set(['worker_num' => 1]);

$server->on('Start', function (Server $server) use ($host, $port) {
    echo "listening on http://$host:$port/\n";
});

$server->on('Request', function (Request $request, Response $response) {
    switch ($request->server['path_info']) {
        case '/':
            $response->header('Content-Type', 'text/plain; charset=utf-8');
            $response->end("Hello from coroutine " . Coroutine::getCid() . "\n");
            break;
        case '/sleep':
            Coroutine::sleep(max(1, (int) ($request->get['ms'] ?? 100)) / 1000);
            $response->end("slept\n");
            break;
        case '/echo':
            $response->header('Content-Type', 'application/json');
            $response->end(json_encode([
                'method' => $request->getMethod(),
                'query' => $request->get,
                'form' => $request->post,
                'bytes' => strlen($request->rawContent()),
            ]) . "\n");
            break;
        case '/stream':
            for ($i = 1; $i <= 5; $i++) {
                $response->write("part $i\n");
                Coroutine::sleep(0.2);
            }
            $response->end();
            break;
        default:
            $response->status(404);
            $response->end("not found\n");
    }
});

$server->start();
