--TEST--
Two servers on one port by reuse_port, many connections at once, handlers that wait
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use Swoole\Coroutine\Server;
use Swoole\Coroutine\Socket;
use function Swoole\Coroutine\{go, run};
run(function () {
    $first = new Server('127.0.0.1', 0, false, true);
    $second = new Server('127.0.0.1', $first->port, false, true);
    $served = [0, 0];
    foreach ([$first, $second] as $i => $server) {
        $server->handle(function ($connection) use (&$served, $i) {
            $line = $connection->recv();
            Coroutine::sleep(0.02);
            $served[$i]++;
            $connection->send($line);
            $connection->close();
        });
        go(fn () => $server->start());
    }
    $right = 0;
    $left = 200;
    for ($i = 0; $i < 200; $i++) {
        go(function () use ($i, $first, $second, &$right, &$left, &$served) {
            $client = new Socket(AF_INET, SOCK_STREAM);
            $client->connect('127.0.0.1', $first->port);
            $client->send("line $i");
            $right += $client->recvAll(timeout: 5) === "line $i";
            if (--$left === 0) {
                show($right, array_sum($served), min($served) > 0, $first->shutdown(), $second->shutdown());
            }
        });
    }
});
echo "DONE\n";
?>
--EXPECT--
200 200 true true true
DONE
