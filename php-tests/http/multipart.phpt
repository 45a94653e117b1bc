--TEST--
Multipart: fields and files
--FILE--
<?php
require __DIR__ . '/../_lib/http.inc';
$server = TestServer::handler(function ($request, $response) {
    $files = $request->files;
    foreach ($files as &$file) {
        $file['content'] = $file['tmp_name'] === '' ? null : file_get_contents($file['tmp_name']);
        unset($file['tmp_name']);
        ksort($file);
    }
    $response->end(json_encode([$request->post, $files, count($request->tmpfiles)], JSON_UNESCAPED_SLASHES));
});
$body = "--XX\r\nContent-Disposition: form-data; name=\"field\"\r\n\r\nvalue\r\n"
    . "--XX\r\nContent-Disposition: form-data; name=\"list[]\"\r\n\r\none\r\n"
    . "--XX\r\nContent-Disposition: form-data; name=\"list[]\"\r\n\r\ntwo\r\n"
    . "--XX\r\nContent-Disposition: form-data; name=\"upload\"; filename=\"a.txt\"\r\nContent-Type: text/plain\r\n\r\nfile \r\n-- content\r\n"
    . "--XX\r\nContent-Disposition: form-data; name=\"empty\"; filename=\"\"\r\nContent-Type: application/octet-stream\r\n\r\n\r\n--XX--\r\n";
show($server->get('/', ['Content-Type' => 'multipart/form-data; boundary=XX'], 'POST', $body)->body);
?>
--EXPECT--
[{"field":"value","list":["one","two"]},{"upload":{"content":"file \r\n-- content","error":0,"name":"a.txt","size":17,"type":"text/plain"},"empty":{"content":null,"error":4,"name":"","size":0,"type":""}},1]
