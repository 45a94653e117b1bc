--TEST--
Under FPM: kept connections and shared memory outlive a request; servers, loops and coroutines are refused, the worker lives on
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine\FastCGI\Client;
use Swoole\FastCGI\HttpRequest;

$echo = stream_socket_server('tcp://127.0.0.1:0');
$port = (int) substr(strrchr(stream_socket_get_name($echo, false), ':'), 1);
$server = Child::fork(function ($ready) use ($echo) {
    $ready();
    for ($accepted = 1; $stream = stream_socket_accept($echo, 60); $accepted++) {
        // One connection at a time: a client that made a second one would wait for nothing.
        while (($data = fread($stream, 100)) != '') {
            fwrite($stream, "$data on connection $accepted");
        }
    }
});
$server->line();

$socket = temp_path('.sock');
$config = temp_path('.conf');
file_put_contents($config, "[global]\ndaemonize=no\nerror_log=/dev/null\n[www]\nlisten=$socket\npm=static\npm.max_children=1\n"
    . (posix_getuid() === 0 ? "user=root\ngroup=root\n" : ''));
$fpm = sprintf('php-fpm%d.%d', PHP_MAJOR_VERSION, PHP_MINOR_VERSION);
$pool = Child::fork(function ($ready) use ($fpm, $config) {
    $ready();
    $path = trim((string) shell_exec('command -v ' . escapeshellarg($fpm)));
    pcntl_exec($path, [...array_slice(php_command('-R', '-y', $config), 1)]);
    exit(1);
});
$pool->line();
show(eventually(fn () => (bool) @stream_socket_client("unix://$socket")));

$script = temp_path('.php');
$ask = function (string $code) use ($script, $socket) {
    file_put_contents($script, "<?php $code");
    clearstatcache();
    $answer = '';
    Swoole\Coroutine\run(function () use ($script, $socket, &$answer) {
        $answer = Client::call("unix:$socket", $script, timeout: 5);
    });
    return preg_replace('/ in \S+:?( on line )?\d+[\s\S]*/', '', trim($answer));
};
$keep = <<<PHP
    \$client = new Swoole\Client(SWOOLE_SOCK_TCP | SWOOLE_KEEP);
    \$connected = \$client->connect('127.0.0.1', $port, 2);
    echo json_encode([\$connected, \$client->reuse, \$client->reuseCount, \$client->send('x'), \$client->recv()]);
    PHP;
for ($i = 0; $i < 3; $i++) {
    show($ask($keep));
}
show($ask('
    $table = new Swoole\Table(8);
    $table->column("n", Swoole\Table::TYPE_INT);
    $table->create();
    $table->set("row", ["n" => 4]);
    $lock = new Swoole\Lock(SWOOLE_MUTEX);
    echo json_encode([$table->get("row"), (new Swoole\Atomic(3))->add(2), $lock->lock(), $lock->unlock(), Swoole\Coroutine::getCid()]);'));
foreach ([
    'new Swoole\Http\Server("127.0.0.1", 0);',
    'new Swoole\Process(fn () => 1);',
    'new Swoole\Process\Pool(1);',
    'Swoole\Timer::after(10, fn () => 1);',
    'Swoole\Event::defer(fn () => 1);',
    'Swoole\Coroutine::create(fn () => 1);',
    'Swoole\Coroutine\run(fn () => 1);',
    'Swoole\Runtime::enableCoroutine();',
    'new Swoole\Coroutine\Socket(AF_INET, SOCK_STREAM, 0);',
] as $code) {
    show($ask($code));
}
// The worker that all of this ran in is still the first one, with its connection.
show($ask($keep));
$pool->signal(SIGQUIT);
show($pool->wait());
?>
--EXPECT--
true
[true,false,0,1,"x on connection 1"]
[true,true,1,1,"x on connection 1"]
[true,true,2,1,"x on connection 1"]
[{"n":4},5,true,true,-1]
Fatal error: Uncaught Swoole\Exception: Swoole\Http\Server can only be used in CLI mode
Fatal error: Uncaught Error: Swoole\Process can only be used in PHP CLI mode
Fatal error: Uncaught Error: Swoole\Process\Pool can only be used in PHP CLI mode
Fatal error: Swoole\Timer::after(): async-io must be used in PHP CLI mode
Fatal error: Swoole\Event::defer(): async-io must be used in PHP CLI mode
Fatal error: Swoole\Coroutine::create(): async-io must be used in PHP CLI mode
Fatal error: Swoole\Coroutine\run(): async-io must be used in PHP CLI mode
Fatal error: Swoole\Runtime::enableCoroutine(): must be used in PHP CLI mode
Fatal error: Swoole\Coroutine\Socket::__construct(): async-io must be used in PHP CLI mode
[true,true,3,1,"x on connection 1"]
exit 0
