--TEST--
A child that is about to exec leaves the loop of its parent alone
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use Swoole\Runtime;
use function Swoole\Coroutine\{go, run};
run(function () {
    [$a, $b] = stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, 0);
    $got = 0;
    go(function () use ($a, &$got) {
        while (($line = fgets($a)) !== false) {
            $got++;
        }
    });
    for ($i = 0; $i < 20; $i++) {
        // The child closes and replaces what it has inherited, the waiting reader's fd with it.
        $process = proc_open(['true'], [['pipe', 'r'], ['pipe', 'w'], ['pipe', 'w']], $pipes, null, ['A' => 'b']);
        fwrite($b, "line\n");
        usleep(2000);
        proc_close($process);
    }
    fclose($b);
    usleep(5000);
    var_dump($got);
});
?>
--EXPECT--
int(20)
