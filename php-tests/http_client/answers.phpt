--TEST--
Answers: lengths, chunks, trailers, until close, encodings, cookies, repeated headers, however they are cut
--FILE--
<?php
require __DIR__ . '/../_lib/peer.inc';
use Swoole\Coroutine;
use Swoole\Coroutine\Http\Client;
use function Swoole\Coroutine\run;
Swoole\Coroutine::set(['log_level' => SWOOLE_LOG_NONE]);
run(function () {
    $first = null;
    $body = str_repeat('The quick brown fox. ', 500);
    $pages = [
        '/length' => answer('hello', "X-A: 1\r\nX-A: 2\r\nx-a: 3\r\n"),
        '/chunks' => "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n5;ext=1\r\nhello\r\n6 \r\n world\r\n0\r\nX-Sum: 11\r\n\r\n",
        '/gzip' => answer(gzencode($body), "Content-Encoding: gzip\r\n"),
        '/deflate' => answer(gzcompress($body), "Content-Encoding: deflate\r\n"),
        '/raw-deflate' => answer(gzdeflate($body), "Content-Encoding: deflate\r\n"),
        '/lies' => answer('not packed', "Content-Encoding: gzip\r\n"),
        '/interim' => "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" . answer('final'),
        '/204' => "HTTP/1.1 204 No Content\r\nX: y\r\n\r\n",
        '/cookies' => answer('', "Set-Cookie: a=b%20c; path=/\r\nSet-Cookie: d=e\r\n"),
        '/close' => "HTTP/1.0 200 OK\r\n\r\nuntil the end",
    ];
    foreach ([100000, 7, 1] as $step) {
        ob_start();
        $server = serve(function ($request, $connection) use ($pages, $step) {
            $path = explode(' ', $request)[1];
            if ($step === 1 && strlen($pages[$path]) > 400) { $step = 37; }
            foreach (str_split($pages[$path], $step) as $n => $piece) {
                $connection->sendAll($piece);
                if ($n % 16 === 0) { Coroutine::sleep(0.001); }
            }
            return $path === '/close' ? null : '';
        });
        $client = new Client('127.0.0.1', port_of($server));
        $client->set(['timeout' => 5]);
        foreach (array_keys($pages) as $path) {
            $ok = $client->get($path);
            $shown = $client->body === $body ? 'the body' : $client->body;
            show($path, $ok, $client->statusCode, $shown, array_diff_key($client->headers ?? [], ['content-length' => 0]), $client->connected);
        }
        show($client->cookies, $client->set_cookie_headers, $client->get('/cookies'), $client->set_cookie_headers);
        $client->set(['body_decompression' => false, 'lowercase_header' => false]);
        show($client->get('/gzip'), $client->body === gzencode($body), $client->headers['Content-Encoding']);
        $client->setMethod('HEAD');
        $client->close();
        $server->close();
        $lines = ob_get_clean();
        if ($first === null) {
            echo $first = $lines;
        } else {
            show($step, $lines === $first ? 'the same' : $lines);
        }
    }
});
?>
--EXPECT--
/length true 200 hello {"x-a":["1","2","3"]} true
/chunks true 200 hello world {"transfer-encoding":"chunked","trailer":"X-Sum","x-sum":"11"} true
/gzip true 200 the body {"content-encoding":"gzip"} true
/deflate true 200 the body {"content-encoding":"deflate"} true
/raw-deflate true 200 the body {"content-encoding":"deflate"} true
/lies true 200 not packed {"content-encoding":"gzip"} true
/interim true 200 final [] true
/204 true 204  {"x":"y"} true
/cookies true 200  {"set-cookie":["a=b%20c; path=/","d=e"]} true
/close true 200 until the end [] false
{"a":"b c","d":"e"} null true ["a=b%20c; path=/","d=e"]
true true gzip
7 the same
1 the same
