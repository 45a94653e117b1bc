--TEST--
cookie(), rawcookie() and Http\Cookie
--FILE--
<?php
require __DIR__ . '/../_lib/http.inc';
$server = TestServer::handler(function ($request, $response) {
    $response->cookie('plain', 'a b');
    $response->rawcookie('raw', 'a%20b');
    $response->cookie('full', 'v', time() + 1000, '/path', 'example.com', true, true, 'Lax', 'High');
    $response->cookie('gone', '');
    $response->end();
});
foreach ($server->get('/')->all('Set-Cookie') as $cookie) {
    // The date is checked apart: it is of now.
    if (preg_match('/; expires=([^;]+)/', $cookie, $found) && !str_contains($cookie, 'deleted')) {
        show('expires', abs(strtotime($found[1]) - time() - 1000) < 5);
    }
    show(preg_replace(['/; expires=[^;]+/', '/Max-Age=(999|1000)/'], ['', 'Max-Age=N'], $cookie));
}
?>
--EXPECT--
plain=a+b
raw=a%20b
expires true
full=v; Max-Age=N; path=/path; domain=example.com; secure; HttpOnly; SameSite=Lax; Priority=High
gone=deleted; Max-Age=0
