--TEST--
TCP streams in coroutines: errors, ends, time-outs and options are those of PHP's streams outside
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use Swoole\Runtime;
use function Swoole\Coroutine\{go, run};
$closed = free_port();
/** Everything that needs no second party at work at the same time: once plain, once in a coroutine. */
$cases = function () use ($closed): string {
    ob_start();
    $server = stream_socket_server('tcp://127.0.0.1:0');
    $name = stream_socket_get_name($server, false);
    [$host, $port] = explode(':', $name);
    $is = fn ($what) => is_resource($what) ? 'stream' : json_encode($what);
    foreach (["tcp://127.0.0.1:$closed", "tcp://[::1]:$closed", 'tcp://127.0.0.1', 'tcp://127.0.0.1:', "tcp://127.0.0.1:x$port", 'tcp://[::1', "tcp://localhost:$port", 'tcp://:1'] as $address) {
        $code = $text = null;
        error_clear_last();
        $stream = @stream_socket_client($address, $code, $text, 2);
        echo str_replace([(string) $closed, $port], ['CLOSED', 'PORT'], "$address: {$is($stream)} $code $text | " . preg_replace('/.*\(\): /', '', error_get_last()['message'] ?? '')), "\n";
    }
    $code = $text = null;
    $stream = @fsockopen('127.0.0.1', $closed, $code, $text, 1);
    echo $is($stream), " $code $text\n";
    while (@stream_socket_accept($server, 0.05)) {
    }
    $client = stream_socket_client("tcp://$name", context: stream_context_create(['socket' => ['tcp_nodelay' => true, 'bindto' => '127.0.0.1:0']]));
    $peer = stream_socket_accept($server, 1);
    echo implode(' ', array_intersect_key(stream_get_meta_data($client), ['stream_type' => 1, 'mode' => 1])), "\n";
    $client = stream_socket_client("tcp://$name");
    $peer = stream_socket_accept($server, 1);
    $meta = stream_get_meta_data($client);
    ksort($meta);
    echo json_encode($meta), "\n";
    // Bytes, a time-out, an end.
    fwrite($peer, "one\ntwo");
    var_dump(fgets($client), fread($client, 3), feof($client));
    stream_set_timeout($client, 0, 20_000);
    var_dump(fread($client, 100), stream_get_meta_data($client)['timed_out'], feof($client));
    fwrite($peer, 'three');
    var_dump(fread($client, 2), stream_get_meta_data($client)['timed_out'], stream_get_meta_data($client)['unread_bytes']);
    stream_set_blocking($client, false);
    var_dump(fread($client, 100), fread($client, 100), feof($client));
    stream_set_blocking($client, true);
    fwrite($peer, 'last');
    fclose($peer);
    var_dump(stream_socket_recvfrom($client, 2, STREAM_PEEK), fread($client, 100), feof($client), fread($client, 100), feof($client), fread($client, 5));
    fclose($client);
    // Closed at once: the end is seen without a read.
    $client = stream_socket_client("tcp://$name");
    fclose(stream_socket_accept($server, 1));
    usleep(10_000);
    var_dump(feof($client));
    // Reset.
    $client = stream_socket_client("tcp://$name");
    $peer = stream_socket_accept($server, 1);
    fwrite($client, 'never read');
    usleep(10_000);
    fclose($peer);
    usleep(10_000);
    error_clear_last();
    var_dump(@fread($client, 10), preg_replace('/.*\(\): /', '', error_get_last()['message'] ?? 'quiet'), feof($client), @fread($client, 10), stream_get_contents($client));
    // Shut down by half.
    $client = stream_socket_client("tcp://$name");
    $peer = stream_socket_accept($server, 1);
    stream_socket_shutdown($client, STREAM_SHUT_WR);
    fwrite($peer, 'still');
    var_dump(fread($client, 10), fread($peer, 10), feof($peer), feof($client));
    // Inherited by a child, which must find it blocking.
    $process = proc_open(['head', '-c', '13'], [$client, ['pipe', 'w']], $pipes);
    fclose($client);
    usleep(50_000);
    fwrite($peer, 'for the child');
    fclose($peer);
    var_dump(stream_get_contents($pipes[1]), proc_close($process));
    return ob_get_clean();
};
$plain = $cases();
Runtime::enableCoroutine(SWOOLE_HOOK_ALL);
run(function () use ($cases, &$inside) {
    $inside = $cases();
});
var_dump($inside === $plain);
// A server that speaks first, behind a URL; one that is slow to answer; one that never accepts.
run(function () {
    $server = stream_socket_server('tcp://127.0.0.1:0');
    $name = stream_socket_get_name($server, false);
    go(function () use ($server) {
        $peer = stream_socket_accept($server);
        while (!in_array(fgets($peer), ["\r\n", false], true)) {
        }
        Coroutine::sleep(0.1);
        fwrite($peer, "HTTP/1.0 200 OK\r\n\r\nslow");
    });
    var_dump(file_get_contents("http://$name/"));
    go(function () use ($server) {
        $peer = stream_socket_accept($server);
        fwrite($peer, "220 hello\r\n");
        echo fgets($peer);
        fwrite($peer, "530 no\r\n");
        fclose($peer);
    });
    $begin = microtime(true);
    var_dump(@file_get_contents("ftp://$name/file"), microtime(true) - $begin < 0.15);
    go(function () use ($server) {
        $peer = stream_socket_accept($server);
        echo fgets($peer);
    });
    // The connection is there at once, though nothing is sent yet.
    $begin = microtime(true);
    $client = stream_socket_client("tcp://$name");
    Coroutine::sleep(0.01);
    fwrite($client, "late\n");
    // A port of its own, at whatever address.
    $own = free_port();
    $client = stream_socket_client("tcp://$name", context: stream_context_create(['socket' => ['bindto' => ":$own"]]));
    var_dump(stream_socket_get_name($client, false) === "127.0.0.1:$own");
    // A listener whose queue is full does not answer.
    $full = stream_socket_server('tcp://127.0.0.1:0', context: stream_context_create(['socket' => ['backlog' => 1]]));
    $address = 'tcp://' . stream_socket_get_name($full, false);
    $queue = [];
    while ($one = @stream_socket_client($address, $code, $text, 0.1)) {
        $queue[] = $one;
    }
    $time = elapsed(function () use ($address) {
        var_dump(@stream_socket_client($address, $code, $text, 0.2), $text);
    });
    took($time, 200, 200);
    $id = go(function () use ($address) {
        var_dump(@stream_socket_client($address, $code, $text, 5), $code === 125);
    });
    Coroutine::cancel($id);
});
?>
--EXPECT--
bool(true)
string(4) "slow"
USER anonymous
bool(false)
bool(true)
late
bool(true)
bool(false)
string(20) "Connection timed out"
took about 200 ms
bool(false)
bool(true)
