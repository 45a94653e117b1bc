--TEST--
wrk and ab find no error
--FILE--
<?php
require __DIR__ . '/../_lib/http.inc';
$server = TestServer::handler(fn ($request, $response) => $response->end('hello'));
$run = run_command(['wrk', '-t1', '-c20', '-d1s', "http://127.0.0.1:$server->port/"]);
show($run->exit, str_contains($run->output, 'Socket errors'), str_contains($run->output, 'Non-2xx'));
$run = run_command(['ab', '-q', '-k', '-n', '2000', '-c', '10', "http://127.0.0.1:$server->port/"]);
show($run->exit, preg_match('/Failed requests:\s+0\n/', $run->output), preg_match('/Complete requests:\s+2000\n/', $run->output));
?>
--EXPECT--
0 false false
0 1 1
