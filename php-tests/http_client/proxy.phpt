--TEST--
Plain requests through an HTTP proxy name the whole URL
--FILE--
<?php
require __DIR__ . '/../_lib/peer.inc';
use Swoole\Coroutine\Http\Client;
use function Swoole\Coroutine\run;
run(function () {
    $proxy = serve(fn ($request) => answer($request));
    $client = new Client('target.test', 8080);
    $client->set(['timeout' => 2, 'http_compression' => false, 'http_proxy_host' => '127.0.0.1', 'http_proxy_port' => port_of($proxy), 'http_proxy_user' => 'u', 'http_proxy_password' => 'p']);
    show($client->get('/path?x=1'));
    echo str_replace("\r", '', $client->body);
    $proxy->close();
});
?>
--EXPECT--
true
GET http://target.test:8080/path?x=1 HTTP/1.1
Host: target.test:8080
Proxy-Authorization: Basic dTpw
Connection: keep-alive
