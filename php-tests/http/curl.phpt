--TEST--
curl as a client
--FILE--
<?php
require __DIR__ . '/../_lib/http.inc';
$server = TestServer::handler(function ($request, $response) {
    $response->header('X-Method', $request->getMethod());
    $response->end($request->rawContent() . json_encode($request->post) . count($request->files ?? []));
});
$url = "http://127.0.0.1:$server->port/";
show(run_command(['curl', '-s', $url])->output);
show(run_command(['curl', '-s', '-d', 'a=1', $url])->output);
show(run_command(['curl', '-s', '-F', 'f=@/etc/hostname', '-F', 'v=1', $url])->exit);
show(run_command(['curl', '-s', '--compressed', '-H', 'Transfer-Encoding: chunked', '-d', 'a=2', $url])->output);
file_put_contents($file = temp_path(), str_repeat('z', 1500000));
show(strlen(run_command(['curl', '-s', '--data-binary', "@$file", '-H', 'Content-Type: text/plain', '-H', 'Expect: 100-continue', $url])->output));
?>
--EXPECT--
null0
a=1{"a":"1"}0
0
a=2{"a":"2"}0
1500005
