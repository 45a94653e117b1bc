--TEST--
Coroutine\Http\Server speaks HTTP/2: parallel streams, flow control, trailers, curl and nghttp, TLS with ALPN, shutdown
--FILE--
<?php
require __DIR__ . '/../_lib/peer.inc';

use Swoole\Coroutine;
use Swoole\Coroutine\Http\Server;
use Swoole\Coroutine\Http2\Client;
use Swoole\Http2\Request;

/** What a program printed, waited for in a coroutine. */
function output(string ...$command): string
{
    return (string) shell_exec(implode(' ', array_map('escapeshellarg', $command)) . ' 2>&1');
}

function server(bool $tls, array $settings = []): Server
{
    $server = new Server('127.0.0.1', 0, $tls);
    $server->set($settings);
    $server->handle('/', function ($request, $response) {
        $response->header('X-Was', $request->server['request_method'] . ' ' . $request->server['server_protocol']);
        $response->header('X-Stream', (string) $request->streamId);
        $response->end('body ' . strlen($request->rawContent()) . ' ' . ($request->header['x-my'] ?? ''));
    });
    $server->handle('/slow', function ($request, $response) {
        Coroutine::sleep((float) $request->get['s']);
        $response->end($request->get['s']);
    });
    $server->handle('/large', function ($request, $response) {
        for ($n = 0; $n < 30; $n++) {
            $response->write(str_repeat(chr(65 + $n), 100_000));
        }
        $response->trailer('x-sum', '30');
        $response->end();
    });
    $server->handle('/form', fn ($request, $response) => $response->end(json_encode($request->post)));
    $server->handle('/cookie', function ($request, $response) {
        $response->cookie('a', 'b');
        $response->status(201);
        $response->end(json_encode($request->cookie));
    });
    go(fn () => $server->start());
    return $server;
}

Coroutine\run(function () {
    Swoole\Runtime::enableCoroutine();
    $server = server(false);
    $client = new Client('127.0.0.1', $server->port);
    $client->set(['timeout' => 5]);
    show('connected', $client->connect());
    $send = function (string $path, string $method = 'GET', mixed $data = '', array $headers = []) use ($client) {
        $request = new Request;
        [$request->path, $request->method, $request->data, $request->headers] = [$path, $method, $data, $headers];
        return $client->send($request);
    };
    $send('/', 'GET', '', ['x-my' => 'header']);
    $response = $client->recv();
    show($response->statusCode, $response->data, $response->headers['x-was'], $response->headers['x-stream'] === (string) $response->streamId);
    $send('/', 'POST', str_repeat('x', 1_000_000));
    show($client->recv()->data);
    $send('/form', 'POST', ['a' => ['b' => 'c']]);
    show($client->recv()->data);
    $send('/cookie', 'GET', '', ['cookie' => 'k=v']);
    $response = $client->recv();
    show($response->statusCode, $response->data, $response->set_cookie_headers);

    took(elapsed(function () use ($send, $client) {
        foreach ([0.3, 0.1, 0.2] as $seconds) {
            $send("/slow?s=$seconds");
        }
        show($client->recv()->data, $client->recv()->data, $client->recv()->data);
    }), 300);
    $send('/large');
    $send('/');
    $sizes = [];
    foreach ([1, 2] as $_) {
        $response = $client->recv();
        $sizes[strlen($response->data)] = $response->headers['x-sum'] ?? null;
    }
    krsort($sizes);
    show($sizes);
    show('unknown', $send('/../nothing') > 0, $client->recv()->statusCode);

    show('curl', output('curl', '-s', '--http2-prior-knowledge', '-w', ' %{http_version} %{response_code}', '-H', 'X-My: curl', "http://127.0.0.1:$server->port/"));
    show('nghttp', substr_count(output('nghttp', '-m', '20', "http://127.0.0.1:$server->port/"), 'body 0'));
    show('HTTP/1 too', output('curl', '-s', '-w', ' %{http_version}', "http://127.0.0.1:$server->port/"));

    // What is under way at a shutdown ends well.
    $client->close();
    $last = new Coroutine\Channel(1);
    $began = new Coroutine\Channel(1);
    $server->handle('/last', function ($request, $response) use ($began) {
        $began->push(true);
        Coroutine::sleep(0.2);
        $response->end('last');
    });
    go(fn () => $last->push(output('curl', '-s', '--http2-prior-knowledge', "http://127.0.0.1:$server->port/last")));
    $began->pop();
    $server->shutdown();
    show('shutdown', $last->pop());

    [$cert, $key] = certificate();
    $server = server(true, ['ssl_cert_file' => $cert, 'ssl_key_file' => $key]);
    $url = "https://127.0.0.1:$server->port/";
    show('alpn', output('curl', '-sk', '--http2', '-w', ' %{http_version}', $url), output('curl', '-sk', '--http1.1', '-w', ' %{http_version}', $url));
    $client = new Client('127.0.0.1', $server->port, true);
    $client->connect();
    $client->send(new Request);
    show($client->recv()->data);
    $client->close();
    $server->shutdown();
});
?>
--EXPECT--
connected true
200 body 0 header GET HTTP/2 true
body 1000000 
{"a":{"b":"c"}}
201 {"k":"v"} ["a=b"]
0.1 0.2 0.3
took about 300 ms
{"3000000":"30","7":null}
unknown true 200
curl body 0 curl 2 200
nghttp 20
HTTP/1 too body 0  1.1
shutdown last
alpn body 0  2 body 0  1.1
body 0 
