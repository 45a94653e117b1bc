--TEST--
What is no HTTP gets 400 and the connection is closed
--FILE--
<?php
require __DIR__ . '/../_lib/http.inc';
$server = TestServer::handler(fn ($request, $response) => $response->end('accepted'));
foreach ([
    'nonsense' => "THIS IS NOT HTTP\r\n\r\n",
    'bad method' => "G@T / HTTP/1.1\r\nHost: h\r\n\r\n",
    'bad version' => "GET / HTTP/9.9\r\nHost: h\r\n\r\n",
    'no colon' => "GET / HTTP/1.1\r\nHost h\r\n\r\n",
] as $name => $bytes) {
    $client = $server->client();
    $client->send($bytes);
    $reply = $client->reply();
    show($name, $reply?->status, $client->closed());
}
show($server->get('/')->body);
?>
--EXPECT--
nonsense 400 true
bad method 400 true
bad version 400 true
no colon 400 true
accepted
