--TEST--
Downloads from an offset, bodies to a function, closing in it
--FILE--
<?php
require __DIR__ . '/../_lib/peer.inc';
use Swoole\Coroutine\Http\Client;
use function Swoole\Coroutine\run;
Swoole\Coroutine::set(['log_level' => SWOOLE_LOG_NONE]);
run(function () {
    $big = random_bytes(3 << 20);
    $server = serve(fn ($request) => match (explode(' ', $request)[1]) {
        '/big' => answer($big),
        '/zip' => answer(gzencode($big), "Content-Encoding: gzip\r\n"),
        '/empty' => answer(''),
        '/events' => "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n",
        default => answer('tail'),
    });
    $file = temp_path();
    $client = new Client('127.0.0.1', port_of($server));
    $client->set(['timeout' => 5]);
    show($client->download('/big', $file), $client->statusCode, $client->body, md5_file($file) === md5($big), $client->downloadFile);
    show($client->download('/x', $file, 1 << 20), filesize($file), file_get_contents($file, false, null, (1 << 20) - 1, 5) === $big[(1 << 20) - 1] . 'tail');
    show($client->download('/zip', $file), md5_file($file) === md5($big));
    show($client->get('/x'), $client->body);
    show($client->download('/x', '/no/such/folder/file'), $client->statusCode);
    $pieces = [];
    $client = new Client('127.0.0.1', port_of($server));
    $client->set(['timeout' => 5, 'write_func' => function ($client, $data) use (&$pieces) { $pieces[] = $data; }]);
    show($client->get('/events'), implode(',', $pieces), $client->body);
    $client->set(['write_func' => function ($client, $data) { show('got', $data); $client->close(); }]);
    show($client->get('/events'), $client->statusCode, $client->connected);
    $client->set(['write_func' => function () { throw new Exception('from the function'); }]);
    thrown(fn () => $client->get('/events'));
    $server->close();
});
?>
--EXPECT--
true 200  true null
true 3145728 true
true true
true tail
false -3
true one,two 
got one
false -3 false
Exception(0): from the function
