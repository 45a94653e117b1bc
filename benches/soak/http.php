<?php
/**
 * php http.php [COUNT]: COUNT requests by wrk to an HTTP server in BASE mode with one worker, every kind of handler
 * in turn; memory and descriptors of the server as coroutines.php prints them.
 */
require __DIR__ . '/_lib.php';
$count = (int) ($argv[1] ?? 1_000_000);
$port = (int) (getenv('PORT') ?: random_int(20000, 30000));

$server = pcntl_fork();
if ($server === 0) {
    $http = new Swoole\Http\Server('127.0.0.1', $port, SWOOLE_BASE);
    // Each new connection takes the next place in the table of connections: with few places, all of that memory
    // is in use before the second look.
    $http->set(['worker_num' => 1, 'log_level' => SWOOLE_LOG_WARNING, 'max_connection' => 1024]);
    $http->on('request', function ($request, $response) {
        switch ($request->server['request_uri']) {
            case '/json':
                $response->header('Content-Type', 'application/json');
                $response->cookie('name', 'value', time() + 60);
                $response->end(json_encode(['get' => $request->get, 'header' => $request->header]));
                return;
            case '/post':
                $response->end($request->rawContent() . count($request->post ?? []));
                return;
            case '/sleep':
                Swoole\Coroutine::sleep(0.001);
                $response->end('slept');
                return;
            case '/write':
                $response->write('one');
                $response->write('two');
                $response->end();
                return;
            case '/404':
                $response->status(404);
                $response->end();
                return;
            default:
                $response->end('hello');
        }
    });
    $http->start();
    exit;
}
for ($try = 0; $try < 500 && !@stream_socket_client("tcp://127.0.0.1:$port"); $try++) {
    usleep(10_000);
}
$script = tempnam(sys_get_temp_dir(), 'wrk') . '.lua';
file_put_contents($script, <<<'LUA'
    local n = 0
    local paths = {"/", "/json?a=1&b=2", "/post", "/sleep", "/write", "/404"}
    request = function()
        n = n + 1
        local path = paths[n % #paths + 1]
        if path == "/post" then
            return wrk.format("POST", path, {["Content-Type"] = "application/x-www-form-urlencoded"}, "a=1&b[]=2&c=" .. string.rep("x", 1000))
        end
        -- Some connections end, others come: those are counted too.
        return wrk.format("GET", path, n % 50 == 0 and {Connection = "close"} or {})
    end
    LUA);
$watch = new Watch($count, $server);
for ($done = 0; $done < $count;) {
    $said = shell_exec('wrk -t1 -c32 -d1 -s ' . escapeshellarg($script) . " http://127.0.0.1:$port 2>&1");
    if (!preg_match('/(\d+) requests in/', (string) $said, $found)) {
        echo $said;
        break;
    }
    $done += (int) $found[1];
    usleep(200_000);
    $watch->reached($done);
}
unlink($script);
posix_kill($server, SIGTERM);
pcntl_waitpid($server, $status);
exit($watch->verdict());
