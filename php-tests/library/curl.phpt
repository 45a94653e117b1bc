--TEST--
swoole_curl_* and swoole_native_curl_*: ext/curl, waiting in the coroutine
--EXTENSIONS--
curl
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use Swoole\Coroutine\{Channel, Server};
use function Swoole\Coroutine\{go, run};
run(function () {
    $server = new Server('127.0.0.1');
    $server->handle(function ($connection) {
        $connection->recv();
        Coroutine::sleep(0.1);
        $connection->send("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: text/x\r\nContent-Length: 5\r\n\r\nhello");
        $connection->close();
    });
    go(fn () => $server->start());
    $url = "http://127.0.0.1:$server->port/";
    $channel = new Channel(10);
    took(elapsed(function () use ($url, $channel) {
        for ($i = 0; $i < 10; $i++) {
            go(function () use ($url, $channel) {
                $handle = swoole_curl_init($url);
                swoole_curl_setopt($handle, CURLOPT_RETURNTRANSFER, true);
                $channel->push(swoole_curl_exec($handle) . swoole_curl_getinfo($handle, CURLINFO_HTTP_CODE));
            });
        }
        for ($i = 0; $i < 10; $i++) {
            $all[] = $channel->pop();
        }
        show(array_unique($all));
    }), 100);
    $handle = new Swoole\Curl\Handler;
    show(swoole_curl_setopt_array($handle, [CURLOPT_URL => $url, CURLOPT_RETURNTRANSFER => true]), $handle->exec(), $handle->getInfo()['content_type'], $handle->getContent());
    show($handle->errno(), swoole_curl_error($handle), $handle->setOpt(CURLOPT_URL, 'http://127.0.0.1:1/'), $handle->exec(), swoole_curl_errno($handle));
    show($handle->reset(), preg_match('/^Object\(\d+\) of type \(curl\)$/', (string) $handle));
    swoole_curl_close($handle);
    show(@$handle->exec(), @$handle->isAvailable());
    $handle->exec();

    $native = swoole_native_curl_init($url);
    show($native::class, swoole_native_curl_setopt($native, CURLOPT_RETURNTRANSFER, true), swoole_native_curl_exec($native), swoole_native_curl_getinfo($native, CURLINFO_RESPONSE_CODE));
    $multi = swoole_native_curl_multi_init();
    swoole_native_curl_multi_add_handle($multi, $native);
    do {
        swoole_native_curl_multi_exec($multi, $running);
        swoole_native_curl_multi_select($multi, 1);
    } while ($running);
    show($running, swoole_native_curl_multi_info_read($multi, $queued)['result'], $queued, swoole_native_curl_multi_getcontent($native));
    show(swoole_native_curl_escape($native, 'a b'), swoole_native_curl_errno($native));
    thrown(fn () => swoole_native_curl_exec());
    $server->shutdown();
});
?>
--EXPECTF--
["hello200"]
took about 100 ms
true hello text/x hello
0  true false 7
null 1
false false

Warning: supplied resource is not a valid cURL handle resource in %s on line %d
CurlHandle true hello 200
0 0 0 hello
a%20b 0
ArgumentCountError(0): swoole_native_curl_exec() expects exactly 1 argument, 0 given
