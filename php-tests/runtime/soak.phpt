--TEST--
Thousands of mixed operations with cancels, time-outs and closes: right results, nothing leaks
--EXTENSIONS--
sockets
--SKIPIF--
<?php
if (getenv('SKIP_SLOW_TESTS')) {
    die('skip slow test');
}
?>
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use function Swoole\Coroutine\{go, run};

// SOAK=200000 php soak.php runs it as long as one likes.
$total = (int) (getenv('SOAK') ?: 6000);
$memory = fn () => (int) explode(' ', file_get_contents('/proc/self/statm'))[1] * 4;
$descriptors = fn () => count(scandir('/proc/self/fd'));
$pair = fn () => stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, 0);
$dir = temp_path();
mkdir($dir);
// Each returns true or false, or null where a cancel may have cut it short.
$operations = [
    'tcp' => function (int $i, string $server) {
        $client = @stream_socket_client("tcp://$server");
        if (!$client || @fwrite($client, "m$i\n") === false || ($answer = fgets($client)) === false) {
            return null;
        }
        return rtrim($answer) === strrev("m$i");
    },
    'pair' => function (int $i) use ($pair) {
        [$a, $b] = $pair();
        $data = str_repeat("$i,", mt_rand(1, 40000));
        go(function () use ($a, $data) {
            @fwrite($a, $data);
        });
        unset($a);
        return str_starts_with($data, stream_get_contents($b));
    },
    'timeout' => function () use ($pair) {
        [$a, $b] = $pair();
        stream_set_timeout($a, 0, mt_rand(500, 5000));
        return in_array(fread($a, 10), ['', false], true);
    },
    'sleep' => function () {
        $begin = hrtime(true);
        $time = mt_rand(1, 3000);
        usleep($time);
        return hrtime(true) - $begin >= $time * 1000 ? true : null;
    },
    'file' => function (int $i) use ($dir) {
        $data = str_repeat("x$i", mt_rand(1, 3000));
        $written = file_put_contents("$dir/$i", $data);
        $read = file_get_contents("$dir/$i");
        @unlink("$dir/$i");
        return $written === strlen($data) && $read === $data;
    },
    'select' => function () use ($pair) {
        [$a, $b] = $pair();
        go(function () use ($b) {
            usleep(mt_rand(1, 2000));
            @fwrite($b, 'z');
        });
        $read = [$a];
        $write = $except = null;
        return @stream_select($read, $write, $except, 1) === 1 ? fread($a, 1) === 'z' : null;
    },
    'close' => function () {
        socket_create_pair(AF_UNIX, SOCK_STREAM, 0, $sockets);
        go(function () use ($sockets) {
            usleep(mt_rand(1, 2000));
            socket_close($sockets[0]);
        });
        return @socket_recv($sockets[0], $data, 10, 0) === false;
    },
    'exec' => fn (int $i) => $i % 20 ? true : (trim((string) shell_exec("echo $i")) === "$i" ?: null),
    'dns' => fn () => gethostbyname('localhost') === '127.0.0.1' ?: null,
];
$wrong = $stopped = 0;
run(function () use ($operations, $total, $memory, $descriptors, &$wrong, &$stopped) {
    $context = stream_context_create(['socket' => ['backlog' => 512]]);
    $server = stream_socket_server('tcp://127.0.0.1:0', $code, $text, STREAM_SERVER_BIND | STREAM_SERVER_LISTEN, $context);
    $name = stream_socket_get_name($server, false);
    $acceptor = go(function () use ($server) {
        while ($peer = @stream_socket_accept($server, 30)) {
            go(function () use ($peer) {
                while (($line = fgets($peer)) !== false && @fwrite($peer, strrev(rtrim($line)) . "\n") !== false);
            });
        }
    });
    $names = array_keys($operations);
    $live = [];
    $begun = $done = 0;
    $before = null;
    while ($done < $total) {
        while (count($live) < 60 && $begun < $total) {
            $i = $begun++;
            $id = go(function () use ($i, $operations, $names, $name, &$live, &$done, &$wrong, &$stopped) {
                $kind = $names[mt_rand(0, count($names) - 1)];
                $result = $operations[$kind]($i, $name);
                if ($result === false) {
                    $wrong++;
                    echo "wrong: $kind $i\n";
                }
                $stopped += $result === null;
                unset($live[Coroutine::getCid()]);
                $done++;
            });
            if (Coroutine::exists($id)) {
                $live[$id] = true;
            }
        }
        usleep(1000);
        if ($live && mt_rand(0, 3) === 0) {
            Coroutine::cancel(array_rand($live));
        }
        if ($before === null && $done > $total / 4) {
            gc_collect_cycles();
            $before = $memory();
        }
    }
    Coroutine::cancel($acceptor);
    unset($server);
    usleep(50_000);
    gc_collect_cycles();
    $grown = $memory() - $before;
    echo $grown < 4096 ? "memory is steady\n" : "memory grew by $grown KB\n";
    echo $descriptors() < 20 ? "no descriptors left\n" : $descriptors() . " descriptors open\n";
});
var_dump($wrong, $stopped < $total / 10);
array_map('unlink', glob("$dir/*"));
rmdir($dir);
?>
--EXPECT--
memory is steady
no descriptors left
int(0)
bool(true)
