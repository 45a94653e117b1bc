--TEST--
Python's http.client: keep-alive, chunked, big body
--FILE--
<?php
require __DIR__ . '/../_lib/http.inc';
$server = TestServer::handler(function ($request, $response) {
    if ($request->server['request_uri'] === '/chunks') {
        for ($i = 0; $i < 5; $i++) {
            $response->write("$i,");
        }
        $response->end('end');
        return;
    }
    $response->end((string) strlen($request->rawContent()));
});
file_put_contents($file = temp_path('.py'), <<<'PY'
    import http.client, sys
    c = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=10)
    c.request("GET", "/chunks"); r = c.getresponse(); print(r.status, r.read().decode())
    c.request("POST", "/", body=b"x" * 1000000); r = c.getresponse(); print(r.status, r.read().decode())
    c.request("POST", "/", body=iter([b"a" * 10, b"b" * 20]), encode_chunked=True, headers={"Transfer-Encoding": "chunked"}); r = c.getresponse(); print(r.status, r.read().decode())
    c.request("HEAD", "/"); r = c.getresponse(); print(r.status, repr(r.read()))
    PY);
echo run_command(['python3', $file, (string) $server->port])->output;
?>
--EXPECT--
200 0,1,2,3,4,end
200 1000000
200 30
200 b''
