--TEST--
Compression by Accept-Encoding
--FILE--
<?php
require __DIR__ . '/../_lib/http.inc';
$text = str_repeat('compress me ', 500);
$server = TestServer::handler(fn ($request, $response) => $response->end($text));
foreach (['gzip', 'deflate', 'gzip, deflate', 'identity', 'br', ''] as $accept) {
    $reply = $server->get('/', $accept === '' ? [] : ['Accept-Encoding' => $accept]);
    $body = match ($reply->header('Content-Encoding')) {
        'gzip' => gzdecode($reply->body),
        'deflate' => @zlib_decode($reply->body),
        default => $reply->body,
    };
    show($accept, $reply->header('Content-Encoding') ?? 'none', $reply->header('Content-Encoding') === 'br' || $body === $text, strlen($reply->body) < strlen($text));
}
?>
--EXPECT--
gzip gzip true true
deflate deflate true true
gzip, deflate gzip true true
identity none true false
br br true true
 none true false
