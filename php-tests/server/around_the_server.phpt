--TEST--
Server: timers from before start() go on, loops in onShutdown end, a user process sends after its function, a fatal error is logged
--FILE--
<?php
require __DIR__ . '/../_lib/server.inc';
use Swoole\{Coroutine, Process, Server};

// The script's timers run in the master.
both_modes(function (int $mode) {
    $run = run_php(<<<PHP
        \$server = new Swoole\\Server('127.0.0.1', 0, $mode);
        \$server->set(['worker_num' => 2, 'log_level' => SWOOLE_LOG_ERROR]);
        \$server->on('Receive', function () {});
        \$rounds = 0;
        Swoole\\Timer::tick(20, function (\$id) use (&\$rounds, \$server) {
            if (++\$rounds === 3) {
                Swoole\\Timer::clear(\$id);
                echo getmypid() === \$GLOBALS['pid'] ? "mine\\n" : "another's\\n";
                \$server->shutdown();
            }
        });
        \$pid = getmypid();
        \$server->on('Shutdown', function () {
            \$scheduler = new Swoole\\Coroutine\\Scheduler;
            \$scheduler->add(function () {
                Swoole\\Coroutine::sleep(0.02);
                echo "in onShutdown\\n";
            });
            \$scheduler->start();
        });
        \$server->start();
        echo "ended\\n";
        PHP);
    echo $run->output, $run->errors;
});
$run = run_php(<<<'PHP'
    Swoole\Coroutine::create(fn () => Swoole\Coroutine::sleep(0.01));
    $server = new Swoole\Server('127.0.0.1', 0);
    $server->on('Receive', function () {});
    echo json_encode(@$server->start());
    Swoole\Event::wait();
    PHP);
show($run->output, $run->exit);

$run = run_php(<<<'PHP'
    $server = new Swoole\Server('127.0.0.1', 0, SWOOLE_BASE);
    $server->set(['worker_num' => 1]);
    $server->on('WorkerStart', fn () => nothing());
    $server->on('Receive', function () {});
    $server->start();
    PHP);
show(preg_match("~\tERROR\t.* Fatal error: Uncaught Error: Call to undefined function nothing\\(\\)~", $run->output . $run->errors), $run->exit);

$served = Served::start(function (Server $server) {
    $process = new Process(function (Process $process) use ($server) {
        $fd = (int) $process->read();
        for ($n = 0; $n < 3; $n++) {
            Coroutine::create(function () use ($server, $fd, $n) {
                Coroutine::sleep(0.01 + $n / 100);
                $server->send($fd, "user $n\n");
            });
        }
    });
    $server->addProcess($process);
    $server->on('Receive', fn ($server, $fd) => $process->write((string) $fd));
}, mode: SWOOLE_PROCESS);
$socket = $served->connect();
fwrite($socket, "x\n");
echo fgets($socket), fgets($socket), fgets($socket);
show($served->child->stop());

// A datagram client on a unix socket can be answered, and leaves no file.
$path = temp_path('.sock');
$child = Child::fork(function ($ready) use ($path) {
    $server = new Server($path, 0, SWOOLE_BASE, SWOOLE_SOCK_UNIX_DGRAM);
    $server->set(['worker_num' => 1, 'log_level' => SWOOLE_LOG_ERROR]);
    $server->on('WorkerStart', fn () => $ready());
    $server->on('Packet', fn ($server, $data, $client) => $server->send($client['address'], "$data back"));
    $server->start();
});
$child->line();
$client = new Swoole\Client(SWOOLE_SOCK_UNIX_DGRAM);
show($client->connect($path, 0, 5), $client->send('hello'), $client->recv());
$own = $client->getsockname()['host'] ?? '';
$client->close();
show($own !== '' && !file_exists($own), $child->stop());
?>
--EXPECT--
-- base
mine
in onShutdown
ended
-- process
mine
in onShutdown
ended
false 0
1 255
user 0
user 1
user 2
exit 0
true 5 hello back
true exit 0
