--TEST--
The http wrapper of streams against a server in another process
--FILE--
<?php
require __DIR__ . '/../_lib/http.inc';
use Swoole\Coroutine;
use function Swoole\Coroutine\run;
$server = TestServer::handler(function ($request, $response) {
    Coroutine::sleep(0.1);
    $response->end('number ' . $request->get['n']);
});
run(function () use ($server) {
    $time = elapsed(function () use ($server) {
        $bodies = Coroutine\map(range(1, 10), fn ($n) => file_get_contents("http://127.0.0.1:$server->port/?n=$n"));
        show($bodies === array_map(fn ($n) => "number $n", range(1, 10)));
    });
    took($time, 100, 500);
});
?>
--EXPECT--
true
took about 100 ms
