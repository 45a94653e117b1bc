--TEST--
sendfile(), whole and in part
--FILE--
<?php
require __DIR__ . '/../_lib/http.inc';
$file = temp_path('.html');
file_put_contents($file, $content = random_bytes(500000));
$server = TestServer::handler(function ($request, $response) use ($file) {
    match ($request->server['request_uri']) {
        '/all' => $response->sendfile($file),
        '/part' => $response->sendfile($file, 1000, 5000),
        '/tail' => $response->sendfile($file, 499990),
        '/missing' => @$response->sendfile('/no/such/file') || $response->status(404) && $response->end('missing'),
        '/typed' => $response->header('Content-Type', 'text/x-mine') && $response->sendfile($file),
    };
});
$reply = $server->get('/all');
show($reply->header('Content-Length'), $reply->header('Content-Type'), $reply->body === $content);
show($server->get('/part')->body === substr($content, 1000, 5000), $server->get('/tail')->body === substr($content, 499990));
show($server->get('/missing')->status, $server->get('/typed')->header('Content-Type'));
?>
--EXPECT--
500000 text/html true
true true
404 text/x-mine
