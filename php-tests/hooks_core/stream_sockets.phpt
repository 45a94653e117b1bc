--TEST--
A stream client and a stream server in one process
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use function Swoole\Coroutine\{go, run};
run(function () {
    $server = stream_socket_server('tcp://127.0.0.1:0');
    $address = stream_socket_get_name($server, false);
    go(function () use ($server) {
        while ($client = @stream_socket_accept($server, 1)) {
            go(function () use ($client) {
                while (($line = fgets($client)) !== false) {
                    Coroutine::sleep(0.01);
                    fwrite($client, strrev(rtrim($line)) . "\n");
                }
                fclose($client);
            });
        }
    });
    $time = elapsed(function () use ($address) {
        $answers = Coroutine\map(range(1, 20), function ($n) use ($address) {
            $socket = stream_socket_client("tcp://$address");
            $answers = [];
            for ($i = 0; $i < 3; $i++) {
                fwrite($socket, "ab$n\n");
                $answers[] = trim(fgets($socket));
            }
            fclose($socket);
            return array_unique($answers) === [strrev("ab$n")];
        });
        show(array_unique($answers));
    });
    took($time, 30, 400);
    fclose($server);
});
?>
--EXPECT--
[true]
took about 30 ms
