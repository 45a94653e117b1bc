--TEST--
The default server of remote objects: started once, by whoever needs it first; found again; MongoDB\Client behind it
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use function Swoole\Coroutine\run;

$dir = temp_path('.dir');
mkdir($dir, 0700);
file_put_contents("$dir/bootstrap.php", <<<'PHP'
<?php
namespace MongoDB;
class Client implements \Countable
{
    public $db = 'of class';
    public function __construct(public $uri, private array $options, private array $driver) {}
    public function options() { return [$this->options, $this->driver]; }
    public function itself() { return $this; }
    public function count(): int { return 3; }
    public function __toString() { return $this->uri; }
}
PHP);
$owner = getmypid();
register_shutdown_function(function () use ($dir, $owner) {
    if (getmypid() !== $owner) {
        return;
    }
    $pid = (int) @file_get_contents("$dir/remote-object-server.pid");
    $pid > 0 && posix_kill($pid, SIGTERM) && eventually(fn () => !posix_kill($pid, 0));
    array_map(unlink(...), glob("$dir/*"));
    rmdir($dir);
});

// Three processes want it at the same time.
$children = [];
for ($n = 0; $n < 3; $n++) {
    $children[] = Child::fork(function (callable $ready) use ($dir) {
        swoole_library_set_options(['default_remote_object_server_dir' => $dir, 'default_remote_object_server_worker_num' => 2]);
        swoole_init_default_remote_object_server();
        run(fn () => $ready(swoole_get_default_remote_object_client()->call('posix_getppid')));
    });
}
$said = array_unique(array_map(fn ($child) => $child->line(30), $children));
show(count($said), $said[0] === trim(file_get_contents("$dir/remote-object-server.pid")));
show(decoct(fileperms("$dir/remote-object-server.php") & 0777), decoct(fileperms("$dir/remote-object-server.sock") & 022));

swoole_library_set_option('default_remote_object_server_dir', $dir);
run(function () {
    $client = new Swoole\MongoDB\Client;
    show("$client", $client->db, $client->options(), count($client->itself()), $client->count());
    $client->db = 'set';
    show((new Swoole\MongoDB\Client('mongodb://h/', ['a' => 1], ['b' => 2]))->options(), $client->db);
    swoole_library_set_option('mongodb_remote_object_client', swoole_get_default_remote_object_client());
    show((string) new Swoole\MongoDB\Client('mongodb://other/'));
});

// It was killed: the next client starts another one.
$pid = (int) file_get_contents("$dir/remote-object-server.pid");
posix_kill($pid, SIGTERM);
show(eventually(fn () => !posix_kill($pid, 0)));
swoole_library_set_option('default_remote_object_server_worker_num', 1);
run(fn () => show(swoole_get_default_remote_object_client()->call('strlen', 'x')));
show((int) file_get_contents("$dir/remote-object-server.pid") !== $pid);

// What keeps it from starting is told.
file_put_contents("$dir/bootstrap.php", '<?php throw new Exception("no way");');
posix_kill((int) file_get_contents("$dir/remote-object-server.pid"), SIGTERM);
show(eventually(fn () => !file_exists("$dir/remote-object-server.pid")));
try {
    swoole_init_default_remote_object_server();
} catch (RuntimeException $e) {
    show(str_contains($e->getMessage(), 'no way'), str_contains($e->getMessage(), '255'));
}
?>
--EXPECT--
1 true
600 0
mongodb://127.0.0.1/ of class [[],[]] 3 3
[{"a":1},{"b":2}] set
mongodb://other/
true
1
true
true
true true
