--TEST--
FastCGI\Client and Proxy against a responder: keep-alive, large bodies, failures, static files, an HTTP server in front
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine\FastCGI\{Client, Proxy};
use Swoole\Coroutine\{Server, Socket};
use Swoole\FastCGI;
use Swoole\FastCGI\{FrameParser, HttpRequest};
use Swoole\FastCGI\Record\{BeginRequest, EndRequest, Params, Stderr, Stdin, Stdout};
use function Swoole\Coroutine\{go, run};
use function Swoole\Coroutine\Http\{get, post};
/** Tells in JSON what it was asked. */
function respond($connection): void
{
    $params = $body = '';
    $served = 0;
    while (($packet = $connection->recv()) != '') {
        $record = FrameParser::parseFrame($packet);
        match (true) {
            $record instanceof BeginRequest => [$keep, $params, $body] = [$record->getFlags() & FastCGI::KEEP_CONN, [], ''],
            $record instanceof Params => $params = [...$params, ...$record->getValues()],
            $record instanceof Stdin => $body .= $record->getContentData(),
        };
        if (!$record instanceof Stdin || $record->getContentLength() > 0) {
            continue;
        }
        $served++;
        $path = $params['SCRIPT_FILENAME'];
        if (str_ends_with($path, 'close.php')) {
            break;
        }
        if (str_ends_with($path, 'garbage.php')) {
            $connection->send("\1\x50\0\1\0\0\0\0");
            continue;
        }
        if (str_ends_with($path, 'slow.php')) {
            Swoole\Coroutine::sleep(1);
        }
        $answer = json_encode([$params['REQUEST_METHOD'], $path, $params['QUERY_STRING'], $params['HTTP_X_TEST'] ?? null, strlen($body), md5($body), $served], JSON_UNESCAPED_SLASHES);
        $answer = "Status: 201 Made\r\nX-From: responder\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n\r\n$answer";
        $connection->send(new Stderr('noted') . new Stdout(substr($answer, 0, 30)));
        $connection->send(new Stdout(substr($answer, 30)) . new Stdout('') . new EndRequest);
        if (!$keep) {
            break;
        }
    }
    $connection->close();
}
run(function () {
    $responder = new Server('127.0.0.1');
    $responder->set(['open_fastcgi_protocol' => true]);
    $responder->handle('respond');
    go(fn () => $responder->start());
    show(Client::parseUrl('tcp://127.0.0.1:9000'), Client::parseUrl('unix:/run/fpm.sock'), Client::parseUrl('/run/fpm.sock'));
    thrown(fn () => Client::parseUrl(''));
    $url = "tcp://127.0.0.1:$responder->port";
    show(Client::call($url, '/srv/x.php?q=1'), Client::call($url, '/srv/x.php', ['a' => 'b']));

    $client = new Client('127.0.0.1', $responder->port);
    foreach ([0, 10, 70000, 200000] as $size) {
        $request = (new HttpRequest)->withScriptFilename('/big.php')->withBody(str_repeat('z', $size))->withKeepConn(true);
        $response = $client->execute($request, 3);
        [, , , , $length, $hash, $served] = json_decode($response->getBody());
        show($length, $hash === md5(str_repeat('z', $size)), $served, $response->getStatusCode(), $response->getReasonPhrase(), $response->getError());
    }
    foreach (['close', 'garbage', 'slow'] as $script) {
        try {
            $client->execute((new HttpRequest)->withScriptFilename("$script.php"), 0.1);
        } catch (Client\Exception $e) {
            show($script, swoole_strerror($e->getCode()));
        }
    }
    try {
        (new Client('127.0.0.1', 1))->execute(new HttpRequest, 1);
    } catch (Client\Exception $e) {
        show($e->getCode() === SOCKET_ECONNREFUSED);
    }

    mkdir($root = temp_path('.d'));
    file_put_contents("$root/file.txt", 'static');
    $proxy = (new Proxy($url, $root))->withTimeout(2)->withParam('EXTRA', '1')->withHttps(true);
    show($proxy->getParams(), $proxy->getParam('EXTRA'), $proxy->withoutParam('EXTRA')->getParam('EXTRA'));
    $front = new Swoole\Coroutine\Http\Server('127.0.0.1');
    $front->handle('/', fn ($request, $response) => $proxy->pass($request, $response));
    go(fn () => $front->start());
    $home = "http://127.0.0.1:$front->port";
    $answer = get("$home/app/?x=y", null, ['X-Test' => 'through']);
    $body = str_replace($root, 'ROOT', $answer->getBody());
    show($answer->getStatusCode(), $body, $answer->getHeaders()['x-from'], $answer->getCookies());
    show(str_replace($root, 'ROOT', post("$home/form.php", ['k' => 'v'])->getBody()));
    show(get("$home/file.txt")->getBody(), get("$home/none.txt")->getStatusCode(), get("$home/../../../etc/passwd.txt")->getStatusCode());
    $front->shutdown();
    $responder->shutdown();
    unlink("$root/file.txt");
    rmdir($root);
});
?>
--EXPECT--
["127.0.0.1",9000] ["unix://run/fpm.sock",0] ["unix://run/fpm.sock",0]
InvalidArgumentException(0): Invalid url
["GET","/srv/x.php","q=1",null,0,"d41d8cd98f00b204e9800998ecf8427e",1] ["POST","/srv/x.php","",null,3,"7acaac15494e6820b1ed6d8b539af089",1]
0 true 1 201 Made noted
10 true 2 201 Made noted
70000 true 3 201 Made noted
200000 true 4 201 Made noted
close Connection reset by peer
garbage Protocol error
slow Connection timed out
true
{"EXTRA":"1"} 1 null
201 ["GET","ROOT/app/index.php","x=y","through",0,"d41d8cd98f00b204e9800998ecf8427e",1] responder {"a":"1","b":"2"}
["POST","ROOT/form.php","",null,3,"5a8a83c40ada249c61f6b20210c9448c",1]
static 404 404
