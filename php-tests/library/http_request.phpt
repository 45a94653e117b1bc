--TEST--
request(), get() and post() by each client
--EXTENSIONS--
curl
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine\Server;
use function Swoole\Coroutine\{go, run};
use function Swoole\Coroutine\Http\{get, post, request};
run(function () {
    $server = new Server('127.0.0.1');
    $server->handle(function ($connection) {
        $request = '';
        while (!str_contains($request, "\r\n\r\n")) {
            if (($more = $connection->recv()) == '') {
                return;
            }
            $request .= $more;
        }
        [$head, $body] = explode("\r\n\r\n", $request, 2);
        preg_match('/content-length: (\d+)/i', $head, $length);
        while (strlen($body) < ($length[1] ?? 0)) {
            $body .= $connection->recv();
        }
        [$method, $path] = explode(' ', $head);
        if ($path === '/slow') {
            Swoole\Coroutine::sleep(1);
        }
        preg_match('/x-test: (.*)\r/i', "$head\r", $header);
        preg_match('/cookie: (.*?)\r/i', "$head\r", $cookie);
        $body = json_encode([$method, $path, $body, $header[1] ?? null, $cookie[1] ?? null]);
        $connection->send("HTTP/1.1 200 OK\r\nConnection: close\r\nX-Answer: yes\r\nSet-Cookie: sid=s1; path=/\r\n"
            . 'Content-Length: ' . strlen($body) . "\r\n\r\n$body");
        $connection->close();
    });
    go(fn () => $server->start());
    $url = "http://127.0.0.1:$server->port";
    foreach (['client', 'curl', 'stream'] as $driver) {
        swoole_library_set_option('http_client_driver', $driver);
        $answer = get("$url/path?q=1", null, ['X-Test' => 'v'], ['c' => 'd']);
        $headers = $answer->getHeaders();
        show($driver, $answer::class, $answer->getStatusCode(), json_decode($answer->getBody()), (array) ($headers['x-answer'] ?? $headers['X-Answer']));
        show($answer->getCookies(), json_decode(post("$url/", ['a' => 'b'])->getBody()) [2] !== '', json_decode(request("$url/", 'PUT', 'text')->getBody()));
        try {
            get("$url/slow", ['timeout' => 0.1]);
            show('not reached');
        } catch (Swoole\Coroutine\Http\Client\Exception $e) {
            show($e::class);
        }
        try {
            get('http://127.0.0.1:1/');
            show('not reached');
        } catch (Swoole\Coroutine\Http\Client\Exception $e) {
            show($e->getMessage() !== '');
        }
    }
    $server->shutdown();
});
?>
--EXPECT--
client Swoole\Coroutine\Http\ClientProxy 200 ["GET","/path?q=1","","v","c=d"] ["yes"]
{"c":"d","sid":"s1"} true ["PUT","/","text",null,null]
Swoole\Coroutine\Http\Client\Exception
true
curl Swoole\Coroutine\Http\ClientProxy 200 ["GET","/path?q=1","","v","c=d"] ["yes"]
{"sid":"s1"} true ["PUT","/","text",null,null]
Swoole\Coroutine\Http\Client\Exception
true
stream Swoole\Coroutine\Http\ClientProxy 200 ["GET","/path?q=1","","v","c=d"] ["yes"]
{"sid":"s1"} true ["PUT","/","text",null,null]
Swoole\Coroutine\Http\Client\Exception
true
