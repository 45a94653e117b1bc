--TEST--
Multipart: lists of files keep each file together, names are percent-decoded, a body cut short gives its whole parts
--FILE--
<?php
require __DIR__ . '/../_lib/http.inc';
$tell = function ($request, $response) {
    $files = $request->files;
    if ($files) {
        array_walk_recursive($files, function (&$value, $key) {
            if (is_string($value) && str_contains($value, 'swoole.upfile')) {
                $value = file_get_contents($value);
            }
        });
    }
    $response->end(json_encode([$request->post, $files, count($request->tmpfiles ?? [])], JSON_UNESCAPED_SLASHES));
};
$part = fn (string $rest, string $value) => "--XX\r\nContent-Disposition: form-data; $rest\r\n\r\n$value\r\n";
$post = fn (TestServer $server, string $body) => $server->get('/', ['Content-Type' => 'multipart/form-data; boundary=XX'], 'POST', $body);
$lists = $part('name="f[]"; filename="a"', '1') . $part('name="f[]"; filename="b"', '22')
    . $part('name="g[x][y]"; filename="c"', '333') . $part('name="h"; filename="d"', '4') . "--XX--\r\n";
$plain = TestServer::handler($tell);
show($post($plain, $lists)->body);
$turned = TestServer::handler($tell, ['http_parse_files' => true]);
show($post($turned, $lists)->body);
show($post($plain, $part('name="q%22%5B%5D"', '1%20+') . $part('name="up"; filename="x%22.txt"', '5') . "--XX--\r\n")->body);
show('no end', $post($plain, $part('name="a"', '1') . "--XX\r\nContent-Disposition: form-data; name=\"b\"\r\n\r\n2")->body);
show('file cut', $post($plain, "--XX\r\nContent-Disposition: form-data; name=\"b\"; filename=\"x\"\r\n\r\n2")->body);
show('no part', $post($plain, 'nothing of the kind')->status);
?>
--EXPECT--
[null,{"f":[{"type":"","tmp_name":"1","size":1,"name":"a","error":0},{"type":"","tmp_name":"22","size":2,"name":"b","error":0}],"g":{"x":{"y":{"type":"","tmp_name":"333","size":3,"name":"c","error":0}}},"h":{"type":"","tmp_name":"4","size":1,"name":"d","error":0}},4]
[null,{"f":{"name":["a","b"],"type":["",""],"tmp_name":["1","22"],"error":[0,0],"size":[1,2]},"g":{"name":{"x":{"y":"c"}},"type":{"x":{"y":""}},"tmp_name":{"x":{"y":"333"}},"error":{"x":{"y":0}},"size":{"x":{"y":3}}},"h":{"type":"","tmp_name":"4","size":1,"name":"d","error":0}},4]
[{"q\"":["1%20+"]},{"up":{"type":"","tmp_name":"5","size":1,"name":"x\".txt","error":0}},1]
no end [{"a":"1"},null,0]
file cut [null,null,1]
no part 400
