--TEST--
The asynchronous client's events, by its own class and as the old tutorial makes it
--FILE--
<?php
require __DIR__ . '/../_lib/peer.inc';
use Swoole\Coroutine\Socket;
use function Swoole\Coroutine\{go, run};
$port = free_port();
$server = Child::fork(function ($ready) use ($port) {
    $listen = stream_socket_server("tcp://127.0.0.1:$port");
    $ready();
    while ($stream = stream_socket_accept($listen, 30)) {
        $data = fread($stream, 100);
        if (str_starts_with($data, 'drain')) {
            usleep(100000);
            $total = strlen($data);
            while ($total < 20 << 20 && ($more = fread($stream, 1 << 20)) !== '') { $total += strlen($more); }
            fwrite($stream, "got $total");
        } else {
            fwrite($stream, strrev($data));
        }
        if ($data === 'leave') { fclose($stream); continue; }
        fread($stream, 1);
        fclose($stream);
    }
});
$server->line();
foreach ([fn () => new Swoole\Async\Client(SWOOLE_SOCK_TCP), fn () => new Swoole\Client(SWOOLE_SOCK_TCP, SWOOLE_SOCK_ASYNC)] as $make) {
    foreach (['leave', 'stay'] as $word) {
        $client = $make();
        $client->on('connect', fn ($client) => show('connect', $client->isConnected(), $client->send($word)));
        $client->on('receive', function ($client, $data) use ($word) {
            show('receive', $data, $client->getpeername()['host']);
            if ($word === 'stay') { show('close()', $client->close(), $client->isConnected()); }
        });
        $client->on('error', fn ($client) => show('error', $client->errCode));
        $client->on('close', fn ($client) => show('close', $client->isConnected()));
        show($client::class, $client->connect('127.0.0.1', $port, 1), $client->isConnected());
        Swoole\Event::wait();
    }
}
$client = new Swoole\Async\Client(SWOOLE_SOCK_TCP);
foreach (['Connect', 'RECEIVE', 'close'] as $name) { $client->on($name, fn () => show($name)); }
$client->on('error', fn ($client) => show('error', $client->errCode));
show($client->connect('127.0.0.1', free_port(), 1));
Swoole\Event::wait();
show(@$client->on('nothing', fn () => 0), @$client->close(), @$client->send('x'));

$client = new Swoole\Async\Client(SWOOLE_SOCK_TCP);
$client->set(['buffer_high_watermark' => 4 << 20, 'buffer_low_watermark' => 1 << 20]);
$client->on('connect', fn ($client) => show($client->send('drain' . str_repeat('x', (20 << 20) - 5))));
$client->on('bufferFull', fn () => show('full'));
$client->on('bufferEmpty', fn () => show('empty'));
$client->on('receive', function ($client, $data) { show($data); $client->close(); });
$client->on('error', fn () => show('error'));
$client->on('close', fn () => show('closed'));
$client->connect('127.0.0.1', $port, 1);
Swoole\Event::wait();

$client = new Swoole\Async\Client(SWOOLE_SOCK_TCP);
$client->on('connect', function ($client) {
    show('asleep', $client->sleep());
    $client->send('hello');
    Swoole\Timer::after(50, fn () => show('awake', $client->wakeup()));
});
$client->on('receive', function ($client, $data) { show($data); $client->close(); });
$client->on('error', fn () => show('error'));
$client->on('close', fn () => show('closed'));
$client->connect('127.0.0.1', $port, 1);
Swoole\Event::wait();
thrown(fn () => (new Swoole\Client(SWOOLE_SOCK_TCP))->on('connect', fn () => 0));
show((new ReflectionClass(Swoole\Client::class))->hasMethod('on'), $server->stop());
?>
--EXPECT--
Swoole\Async\Client true false
connect true 5
receive evael 127.0.0.1
close false
Swoole\Async\Client true false
connect true 4
receive yats 127.0.0.1
close false
close() true false
Swoole\Client true false
connect true 5
receive evael 127.0.0.1
close false
Swoole\Client true false
connect true 4
receive yats 127.0.0.1
close false
close() true false
true
error 111
false false false
full
20971520
empty
got 20971520
closed
asleep true
awake true
olleh
closed
Error(0): Call to undefined method Swoole\Client::on()
false signal 15
