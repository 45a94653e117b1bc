--TEST--
examples/rest.php: notes are made, read, changed and removed, by whichever worker; wrong requests are told what is wrong
--FILE--
<?php
require __DIR__ . '/../_lib/example.inc';
$example = new Example('rest');
$ask = function (string $method, string $path, ?string $body = null) use ($example) {
    $curl = ['curl', '-s', '-m', '10', '-i', '-X', $method];
    [$head, $text] = explode("\r\n\r\n", run_command([...$curl, ...$body === null ? [] : ['-d', $body], $example->url($path)])->output, 2);
    preg_match('/^HTTP\/1.1 (\d+)/', $head, $status);
    preg_match('/^(?:Location|Allow): (.*?)\r?$/m', $head, $extra);
    show($status[1], $extra[1] ?? '-', rtrim($text));
};
$ask('POST', '/notes', '{"title": "milk"}');
$ask('POST', '/notes', '{"title": "brød", "done": true}');
for ($i = 0; $i < 3; $i++) {
    $ask('GET', '/notes/1');
}
$ask('PATCH', '/notes/1', '{"done": true}');
$ask('GET', '/notes?done=0');
$ask('GET', '/notes?done=1');
$ask('DELETE', '/notes/1');
$ask('GET', '/notes');
echo "--\n";
$ask('GET', '/notes/1');
$ask('PUT', '/notes/2');
$ask('DELETE', '/notes');
$ask('POST', '/notes', 'title=milk');
$ask('POST', '/notes', '{}');
$ask('POST', '/notes', '{"title": ""}');
$ask('POST', '/notes', '{"title": "a", "by": "me"}');
$ask('PATCH', '/notes/2', '{"done": 1}');
$ask('GET', '/');
$example->stop();
?>
--EXPECT--
201 /notes/1 {"id":1,"title":"milk","done":false}
201 /notes/2 {"id":2,"title":"brød","done":true}
200 - {"id":1,"title":"milk","done":false}
200 - {"id":1,"title":"milk","done":false}
200 - {"id":1,"title":"milk","done":false}
200 - {"id":1,"title":"milk","done":true}
200 - []
200 - [{"id":1,"title":"milk","done":true},{"id":2,"title":"brød","done":true}]
204 - 
200 - [{"id":2,"title":"brød","done":true}]
--
404 - {"error":"no note 1"}
405 GET, PATCH, DELETE {"error":"no PUT here"}
405 GET, POST {"error":"no DELETE here"}
400 - {"error":"the body is no JSON object"}
422 - {"error":"title is missing"}
422 - {"error":"title is a text of 1 to 200 bytes"}
422 - {"error":"unknown field by"}
422 - {"error":"done is true or false"}
404 - {"error":"nothing here"}
