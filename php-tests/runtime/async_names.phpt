--TEST--
async.tcp://, async.file:// and kin are the plain streams under a second name
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use function Swoole\Coroutine\{go, run};
run(function () {
    foreach (['tcp', 'udp', 'unix', 'udg', 'ssl', 'tls'] as $name) {
        if (!in_array("async.$name", stream_get_transports())) {
            echo "no async.$name\n";
        }
    }
    $server = stream_socket_server('async.tcp://127.0.0.1:0');
    $name = stream_socket_get_name($server, false);
    go(function () use ($server) {
        $peer = stream_socket_accept($server);
        fwrite($peer, fgets($peer));
    });
    $client = stream_socket_client("async.tcp://$name");
    fwrite($client, "through\n");
    var_dump(fgets($client));
    $path = temp_path();
    var_dump(file_put_contents("async.file://$path", 'text'), file_get_contents($path));
    var_dump(is_file("async.file://$path"), rename("async.file://$path", "async.file://$path.b"));
    var_dump(unlink("async.file://$path.b"), mkdir("async.file://$path"), rmdir("async.file://$path"));
});
?>
--EXPECT--
string(8) "through
"
int(4)
string(4) "text"
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
