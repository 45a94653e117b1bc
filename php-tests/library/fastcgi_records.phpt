--TEST--
FastCGI records, messages and requests
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\FastCGI;
use Swoole\FastCGI\{FrameParser, HttpRequest, HttpResponse, Message, Record, Request, Response};
use Swoole\FastCGI\Record\{AbortRequest, BeginRequest, Data, EndRequest, GetValues, GetValuesResult, Params, Stderr, Stdin, Stdout, UnknownType};
show(bin2hex(new BeginRequest(FastCGI::RESPONDER, FastCGI::KEEP_CONN)), bin2hex(new EndRequest(0, 5)));
show(bin2hex(new Stdin('hello')), bin2hex(new Stdin('')), bin2hex(new AbortRequest(7)), bin2hex(new UnknownType(9)));
show(bin2hex(new Params(['A' => 'b', 'skipped' => null, 5 => 6])), bin2hex(new GetValues(['X'])));
$long = new Params(['name' => str_repeat('v', 200), str_repeat('n', 130) => '']);
$buffer = new BeginRequest(2, 1) . $long . new Stdin('body') . new Stdout('out') . new Stderr('err') . new Data('d') . new EndRequest(FastCGI::OVERLOADED, 77)
    . new GetValuesResult(['a' => 'b']) . new UnknownType(42) . new AbortRequest(3);
while (FrameParser::hasFrame($buffer)) {
    $record = FrameParser::parseFrame($buffer);
    show($record::class, $record->getType(), $record->getVersion(), $record->getRequestId(), $record->getContentLength(), $record->getPaddingLength());
    match (true) {
        $record instanceof BeginRequest => show($record->getRole(), $record->getFlags()),
        $record instanceof EndRequest => show($record->getProtocolStatus(), $record->getAppStatus()),
        $record instanceof Params => show(array_map('strlen', $record->getValues())),
        $record instanceof UnknownType => show($record->getUnrecognizedType()),
        default => show($record->getContentData()),
    };
}
show($buffer);
$big = new Stdin(str_repeat('x', 70000));
show($big->getContentLength(), $big->setRequestId(300)->getRequestId(), strlen($big), FrameParser::hasFrame(substr($big, 0, -1)));
foreach (["\1\5", "\1\x63\0\1\0\0\0\0", "\1\5\0\1\0\5\0\0abc"] as $bytes) {
    thrown(function () use ($bytes) { FrameParser::parseFrame($bytes); });
}
thrown(fn () => Stdin::unpack('short'));
thrown(function () { $bytes = "\1\4\0\1\0\2\0\0\5\5"; FrameParser::parseFrame($bytes); });

$request = (new HttpRequest)->withUri('/a/b.php?x=1')->withMethod('POST')->withBody(['k' => 'v w'])->withHeader('x-one', '1')->withHeaders(['X-Two' => '2', 'Accept-Language' => 'de']);
show($request->getRequestUri(), $request->getDocumentUri(), $request->getQueryString(), $request->getContentLength(), $request->getContentType(), $request->getBody());
show($request->getHeaders(), $request->getHeader('X-ONE'), $request->getHeader('none'), $request->getServerPort(), $request->getServerName(), $request->getScheme());
$request->withoutHeader('x-one');
$request->withoutScheme();
show($request->withServerPort(8080)->withProtocolVersion('2.0')->getServerProtocol(), $request->getServerPort(), $request->getScheme(), $request->getHeader('x-one'), $request->withQuery(['a' => 'b'])->getQueryString());
thrown(fn () => $request->withProtocolVersion('two'));
show($request->withParam('P', 'q')->withAddedParams(['P' => 'r', 'S' => 't'])->getParam('P'), $request->withoutParam('P')->getParam('P'), count($request->getParams()));
$stream = (string) (new Request)->withParams(['A' => str_repeat('a', 70000)])->withBody(str_repeat('b', 66000))->withKeepConn(true);
$params = $body = '';
$kinds = [];
while ($stream !== '') {
    $record = Record::unpack($stream);
    $stream = substr($stream, 8 + $record->getContentLength() + $record->getPaddingLength());
    $kinds[] = $record->getType();
    if ($record->getType() === FastCGI::STDIN) {
        $body .= $record->getContentData();
    }
}
show($kinds, strlen($body));

$end = new EndRequest;
$response = new HttpResponse([new Stdout("Status: 404 Nothing\r\nX-A: 1\r\nSet-Cookie: a=b\r\n"), new Stderr('oops'), new Stdout("Set-Cookie: c=d\r\n\r\nbody"), $end]);
show($response->getStatusCode(), $response->getReasonPhrase(), $response->getHeaders(), $response->getHeader('x-a'), $response->getSetCookieHeaderLines(), $response->getBody(), $response->getError());
$response = new HttpResponse([new Stdout("X-B: 2\r\n\r\n"), $end]);
show($response->getStatusCode(), $response->getReasonPhrase(), $response->getBody(), $response->withHeader('C', 'd')->getHeader('c'));
$response = new HttpResponse([new Stdout('no head'), $end]);
show($response->getStatusCode(), $response->getReasonPhrase(), $response->getError());
thrown(fn () => new Response([new Stdout('x')]));
thrown(fn () => new HttpResponse);
show((new Message)->withBody('b')->withError('e')->getError());
?>
--EXPECT--
01010001000800000001010000000000 01030001000800000000000500000000
010500010005030068656c6c6f000000 0105000100000000 0102000700000000 010b0001000800000900000000000000
01040001000800000101416201013536 01090001000305000100580000000000
Swoole\FastCGI\Record\BeginRequest 1 1 1 8 0
2 1
Swoole\FastCGI\Record\Params 4 1 1 344 0
{"name":200,"nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn":0}
Swoole\FastCGI\Record\Stdin 5 1 1 4 4
body
Swoole\FastCGI\Record\Stdout 6 1 1 3 5
out
Swoole\FastCGI\Record\Stderr 7 1 1 3 5
err
Swoole\FastCGI\Record\Data 8 1 1 1 7
d
Swoole\FastCGI\Record\EndRequest 3 1 1 8 0
2 77
Swoole\FastCGI\Record\GetValuesResult 10 1 1 4 4
{"a":1}
Swoole\FastCGI\Record\UnknownType 11 1 1 8 0
42
Swoole\FastCGI\Record\AbortRequest 2 1 3 0 0


65535 300 65544 false
RuntimeException(0): Not enough data in the buffer to parse
DomainException(0): Invalid FastCGI record type 99 received
RuntimeException(0): Can not unpack data from the binary buffer
RuntimeException(0): Can not unpack data from the binary buffer
RuntimeException(0): Can not unpack data from the binary buffer
/a/b.php?x=1 /a/b.php x=1 5 application/x-www-form-urlencoded k=v+w
{"X-ONE":"1","X-TWO":"2","ACCEPT-LANGUAGE":"de"} 1 null 0 Swoole http
HTTP/2.0 8080 null null a=b
InvalidArgumentException(0): Protocol version must be numeric
r null 21
[1,4,4,4,5,5,5] 66000
404 Nothing {"X-A":"1"} 1 ["a=b","c=d"] body oops
200 OK  d
502 Invalid FastCGI Response no head
InvalidArgumentException(0): Bad records
InvalidArgumentException(0): Bad records
e
