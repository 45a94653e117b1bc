--TEST--
Shapes that two readers may understand differently get 400, and the connection is closed
--FILE--
<?php
require __DIR__ . '/../_lib/http.inc';
$server = TestServer::handler(fn ($request, $response) => $response->end('accepted'));
foreach ([
    'two lengths' => "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
    'list of lengths' => "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3, 4\r\n\r\nabcd",
    'length and chunked' => "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    'chunked and length' => "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
    'negative length' => "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n",
    'signed length' => "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: +3\r\n\r\nabc",
    'length with a letter' => "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3x\r\n\r\nabc",
    'huge length' => "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999999999999\r\n\r\nabc",
    'space before colon' => "POST / HTTP/1.1\r\nHost: h\r\nContent-Length : 3\r\n\r\nabc",
    'folded header' => "GET / HTTP/1.1\r\nHost: h\r\nX-A: b\r\n folded\r\n\r\n",
    'bare line feed' => "GET / HTTP/1.1\nHost: h\n\n",
    'bare LF in a header' => "GET / HTTP/1.1\r\nHost: h\r\nX-A: b\nX-C: d\r\n\r\n",
    'bare CR in a header' => "GET / HTTP/1.1\r\nHost: h\r\nX-A: b\rX-C: d\r\n\r\n",
    'NUL in a header' => "GET / HTTP/1.1\r\nHost: h\r\nX-A: b\0c\r\n\r\n",
    'unknown coding' => "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    'chunked not last' => "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    'doubled chunked' => "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    'bad chunk size' => "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n",
    'chunk size overflow' => "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nabc\r\n0\r\n\r\n",
    'chunk without its end' => "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n",
    'empty header name' => "GET / HTTP/1.1\r\nHost: h\r\n: b\r\n\r\n",
] as $name => $bytes) {
    $client = $server->client();
    $client->send($bytes);
    $reply = $client->reply();
    show($name, $reply?->status ?? 'no answer', $client->closed() ? 'closed' : 'open');
}
show($server->get('/')->body);
?>
--EXPECT--
two lengths 400 closed
list of lengths 400 closed
length and chunked 400 closed
chunked and length 400 closed
negative length 400 closed
signed length 400 closed
length with a letter 400 closed
huge length 400 closed
space before colon 400 closed
folded header 400 closed
bare line feed 400 closed
bare LF in a header 400 closed
bare CR in a header 400 closed
NUL in a header 400 closed
unknown coding 400 closed
chunked not last 400 closed
doubled chunked 400 closed
bad chunk size 400 closed
chunk size overflow 400 closed
chunk without its end 400 closed
empty header name 400 closed
accepted
