--TEST--
write() of megabytes to a slow client waits for it
--FILE--
<?php
require __DIR__ . '/../_lib/http.inc';
$server = TestServer::handler(function ($request, $response) {
    $sent = 0;
    for ($i = 0; $i < 64; $i++) {
        if (!$response->write(str_repeat(chr(65 + $i % 26), 262144))) {
            break;
        }
        $sent++;
    }
    $response->end("\n$sent");
});
$client = $server->client();
$client->request('GET', '/');
usleep(200000);
$reply = $client->reply();
show(strlen($reply->body), substr($reply->body, -3));
?>
--EXPECT--
16777219 
64
