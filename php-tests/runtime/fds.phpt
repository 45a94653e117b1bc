--TEST--
No descriptors leak
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use Swoole\Runtime;
use function Swoole\Coroutine\{go, run};
$count = fn () => count(scandir('/proc/self/fd'));
run(function () use ($count) {
    $round = function () {
        $all = [];
        for ($i = 0; $i < 20; $i++) {
            $all[] = go(function () {
                $server = stream_socket_server('tcp://127.0.0.1:0');
                $client = stream_socket_client('tcp://' . stream_socket_get_name($server, false));
                $peer = stream_socket_accept($server);
                fwrite($peer, "x\n");
                fgets($client);
                shell_exec('true');
                proc_close(proc_open(['true'], [['pipe', 'r']], $pipes));
                file_get_contents(__FILE__);
            });
        }
        Coroutine::join($all);
    };
    $round();
    $before = $count();
    $round();
    $round();
    var_dump($count() - $before);
});
?>
--EXPECT--
int(0)
