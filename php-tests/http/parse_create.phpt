--TEST--
Request::create(), parse() and isCompleted() without a server
--FILE--
<?php
require __DIR__ . '/../_lib/http.inc';
use Swoole\Http\Request;
$bytes = "POST /a?x=1 HTTP/1.1\r\nHost: h\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 7\r\n\r\np=1&q=2";
$request = Request::create();
show($request->isCompleted());
foreach (str_split($bytes, 50) as $part) {
    show($request->parse($part), $request->isCompleted());
}
show($request->getMethod(), $request->server['request_uri'], $request->get, $request->post, $request->header['host'], $request->getContent());
?>
--EXPECT--
false
50 false
50 false
8 true
POST /a {"x":"1"} {"p":"1","q":"2"} h p=1&q=2
