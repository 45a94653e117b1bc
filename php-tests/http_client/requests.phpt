--TEST--
Methods, headers, bodies, forms, uploads, basic auth: what goes over the wire
--FILE--
<?php
require __DIR__ . '/../_lib/peer.inc';
use Swoole\Coroutine\Http\Client;
use function Swoole\Coroutine\run;
Swoole\Coroutine::set(['log_level' => SWOOLE_LOG_NONE]);
run(function () {
    $server = serve(fn ($request) => answer($request));
    $client = new Client('127.0.0.1', $port = port_of($server));
    $client->set(['timeout' => 2]);
    $wire = fn (string $text) => print(str_replace(["\r", (string) $port], ['', 'PORT'], $text) . "\n--\n");
    $client->get('/plain?a b');
    $wire($client->body);
    $client->setHeaders(['X-One' => 'two', 'Host' => 'example.test', 'Content-Length' => '99', 'Bad' => "line\r\nInjected: yes"]);
    $client->setBasicAuth('user', 'pass');
    $client->setCookies(['a' => 'b c', 'empty' => '', 'n' => 5]);
    $client->setMethod('PUT');
    $client->setData('raw');
    $client->execute('/put');
    $wire($client->body);
    $wire($client->getHeaderOut());
    $client = new Client('127.0.0.1', $port);
    $client->set(['http_compression' => false, 'keep_alive' => false]);
    $client->post('/form', ['k' => 'v w', 'list' => [1, 2]]);
    $wire($client->body);
    show($client->connected);
    $file = temp_path('.txt');
    file_put_contents($file, '0123456789');
    $client = new Client('127.0.0.1', $port);
    show($client->addFile($file, 'whole', null, 'name.txt'), $client->addFile($file, 'part', 'text/x', 'p', 2, 3), $client->addData('data', 'd'));
    $client->post('/up', ['field' => 'value']);
    $body = $client->body;
    preg_match('/boundary=(\S+)/', $body, $found);
    $wire(str_replace($found[1], 'the-boundary', $body));
    preg_match('/Content-Length: (\d+)/', $body, $length);
    show((int) $length[1] === strlen(explode("\r\n\r\n", $body, 2)[1]), $client->uploadFiles);
    show(@$client->addFile('/no/such/file', 'x'), @$client->addFile($file, 'x', null, null, 20));
    show($client->get(''), $client->errCode === SWOOLE_ERROR_INVALID_PARAMS);
    $server->close();
});
thrown(fn () => new Client(''));
?>
--EXPECT--
GET /plain?a%20b HTTP/1.1
Host: 127.0.0.1:PORT
Connection: keep-alive
Accept-Encoding: gzip, deflate, br


--
PUT /put HTTP/1.1
Host: example.test
X-One: two
Authorization: Basic dXNlcjpwYXNz
Connection: keep-alive
Accept-Encoding: gzip, deflate, br
Cookie: a=b+c; n=5
Content-Length: 3

raw
--
PUT /put HTTP/1.1
Host: example.test
X-One: two
Authorization: Basic dXNlcjpwYXNz
Connection: keep-alive
Accept-Encoding: gzip, deflate, br
Cookie: a=b+c; n=5
Content-Length: 3
--
POST /form HTTP/1.1
Host: 127.0.0.1:PORT
Connection: close
Content-Type: application/x-www-form-urlencoded
Content-Length: 33

k=v+w&list%5B0%5D=1&list%5B1%5D=2
--
false
true true true
POST /up HTTP/1.1
Host: 127.0.0.1:PORT
Connection: keep-alive
Accept-Encoding: gzip, deflate, br
Content-Type: multipart/form-data; boundary=the-boundary
Content-Length: 571

--the-boundary
Content-Disposition: form-data; name="field"

value
--the-boundary
Content-Disposition: form-data; name="whole"; filename="name.txt"
Content-Type: text/plain

0123456789
--the-boundary
Content-Disposition: form-data; name="part"; filename="p"
Content-Type: text/x

234
--the-boundary
Content-Disposition: form-data; name="d"; filename="d"
Content-Type: application/octet-stream

data
--the-boundary--

--
true null
false false
false true
Swoole\Coroutine\Http\Client\Exception(22): host is empty
