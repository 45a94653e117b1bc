--TEST--
Empty names, and names that are a sign only, are looked up as any others
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\FastCGI\{HttpRequest, HttpResponse};
use Swoole\FastCGI\Record\{EndRequest, Stdout};
$response = new HttpResponse([new Stdout("x-a: 1\r\n-: sign\r\n7: number\r\n\r\nbody"), new EndRequest]);
show($response->getHeader(''), $response->getHeader('-'), $response->getHeader('7'), $response->getHeader('X-A'), $response->getBody());
$request = (new HttpRequest)->withParam('', 'empty')->withParam('-', 'sign')->withHeader('', 'none');
show($request->getParam(''), $request->getParam('-'), $request->getHeader(''), $request->withoutParam('')->getParam(''));
?>
--EXPECT--
null sign number 1 body
empty sign none null
