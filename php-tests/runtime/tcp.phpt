--TEST--
Streams over TCP: accept, connect, read and write suspend
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use Swoole\Runtime;
use function Swoole\Coroutine\{go, run};
run(function () {
    $server = stream_socket_server('tcp://127.0.0.1:0', $code, $text, context: stream_context_create(['socket' => ['backlog' => 512]]));
    $name = stream_socket_get_name($server, false);
    go(function () use ($server) {
        for ($i = 0; $i < 50; $i++) {
            $peer = stream_socket_accept($server);
            go(function () use ($peer) {
                while (($line = fgets($peer)) !== false) {
                    usleep(100_000);
                    fwrite($peer, strrev(rtrim($line)) . "\n");
                }
            });
        }
    });
    $right = 0;
    $time = elapsed(function () use ($name, &$right) {
        $all = [];
        for ($i = 0; $i < 50; $i++) {
            $all[] = go(function () use ($name, $i, &$right) {
                $client = stream_socket_client("tcp://$name");
                for ($n = 0; $n < 2; $n++) {
                    fwrite($client, "$i-$n\n");
                    $right += fgets($client) === strrev("$i-$n") . "\n";
                }
            });
        }
        Coroutine::join($all);
    });
    var_dump($right);
    took($time, 200, 400);
});
?>
--EXPECT--
int(100)
took about 200 ms
