--TEST--
Server: a name to listen on; hosts, types and paths that are none
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
$run = run_php(<<<'CODE'
$server = new Swoole\Http\Server('localhost', 0, SWOOLE_PROCESS);
$server->set(['worker_num' => 1, 'log_level' => SWOOLE_LOG_ERROR]);
$server->on('request', fn ($request, $response) => $response->end($request->server['server_addr']));
$server->on('workerStart', function ($server) {
    $client = new Swoole\Coroutine\Http\Client('127.0.0.1', $server->port);
    $client->get('/');
    echo "$server->host $client->body\n";
    $server->shutdown();
});
$server->start();
CODE);
echo $run->output;
foreach ([['999.1.1.1', 0, SWOOLE_SOCK_TCP], ['::1', 0, SWOOLE_SOCK_TCP], ['127.0.0.1', 0, 99], [str_repeat('/x', 60), 0, SWOOLE_SOCK_UNIX_STREAM]] as $address) {
    $run = run_php('try { new Swoole\Server(' . "'$address[0]', $address[1], SWOOLE_BASE, $address[2]" . '); } catch (Swoole\Exception $error) { echo $error->getCode(), " ", $error->getMessage(); }');
    echo preg_replace(['/^\[[^\]]*\]\t/m', '~(/x){60}~'], ['', 'PATH'], $run->output), "\n";
}
?>
--EXPECT--
localhost 127.0.0.1
WARNING	ListenPort::create_socket(): Invalid IPv4 address '999.1.1.1:0'
22 failed to listen server port[999.1.1.1:0], Error: Invalid argument[22]
WARNING	ListenPort::create_socket(): Invalid IPv4 address '::1:0'
22 failed to listen server port[::1:0], Error: Invalid argument[22]
WARNING	make_socket(): unknown socket type [99]
94 failed to listen server port[127.0.0.1:0], Error: Socket type not supported[94]
ERROR	Server::add_port() (ERRNO 504): address 'PATH' exceeds the limit of 107 characters
504 failed to listen server port[PATH:0], Error: Name too long[504]
