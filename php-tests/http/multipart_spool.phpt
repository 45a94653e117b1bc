--TEST--
Uploaded files lie in upload_tmp_dir and are gone after the request
--FILE--
<?php
require __DIR__ . '/../_lib/http.inc';
$dir = sys_get_temp_dir() . '/swt-up-' . getmypid();
mkdir($dir);
$server = TestServer::handler(function ($request, $response) use ($dir) {
    $file = $request->files['f']['tmp_name'];
    $response->end(json_encode([dirname($file) === $dir, filesize($file), md5_file($file), $request->files['f']['size'], $request->files['f']['error']]));
}, ['upload_tmp_dir' => $dir]);
$content = random_bytes(300000);
$body = "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"x.bin\"\r\n\r\n$content\r\n--b--\r\n";
[$inside, $size, $md5, $told, $error] = json_decode($server->get('/', ['Content-Type' => 'multipart/form-data; boundary="b"'], 'POST', $body)->body);
show($inside, $size, $md5 === md5($content), $told, $error);
show(eventually(fn () => count(scandir($dir)) === 2));
rmdir($dir);
?>
--EXPECT--
true 300000 true 300000 0
true
