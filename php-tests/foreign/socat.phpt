--TEST--
socat as a server over TCP, UDP, unix sockets and TLS, and as a client of ours
--FILE--
<?php
require __DIR__ . '/../_lib/peer.inc';

use Swoole\Coroutine;
use Swoole\Coroutine\{Client, Socket};

/** socat between $address and `cat`; ends with the test. */
function echo_server(string $address): void
{
    program(['socat', $address, 'EXEC:cat']);
}

Coroutine\run(function () {
    $big = random_bytes(300_000);
    [$tcp, $udp, $tls] = [free_port(), free_port(), free_port()];
    $path = temp_path('.sock');
    [$cert, $key] = certificate();
    echo_server("TCP-LISTEN:$tcp,bind=127.0.0.1,reuseaddr,fork");
    echo_server("UNIX-LISTEN:$path,fork");
    echo_server("OPENSSL-LISTEN:$tls,bind=127.0.0.1,reuseaddr,fork,cert=$cert,key=$key,verify=0");
    program(['socat', "UDP-RECVFROM:$udp,bind=127.0.0.1,fork", 'PIPE']);
    wait_for($tcp);
    wait_for($tls);
    eventually(fn () => file_exists($path));

    foreach ([[SWOOLE_SOCK_TCP, '127.0.0.1', $tcp], [SWOOLE_SOCK_UNIX_STREAM, $path, 0], [SWOOLE_SOCK_TCP | SWOOLE_SSL, '127.0.0.1', $tls]] as [$type, $host, $port]) {
        $client = new Client($type);
        $client->set(['timeout' => 5]);
        $connected = $client->connect($host, $port);
        go(fn () => $client->send($big));
        for ($got = ''; strlen($got) < strlen($big) && ($piece = $client->recv()); $got .= $piece);
        show($type, $connected, $got === $big, $client->close());
    }
    // A datagram may be lost while socat starts.
    $socket = new Socket(AF_INET, SOCK_DGRAM, 0);
    for ($try = 0, $answer = false; $answer === false && $try < 50; $try++) {
        $socket->sendto('127.0.0.1', $udp, 'datagram');
        $answer = $socket->recvfrom($peer, 0.1);
    }
    show('udp', $answer, $peer['port'] === $udp);

    $server = new Coroutine\Server('127.0.0.1', 0, true);
    $server->set(['ssl_cert_file' => $cert, 'ssl_key_file' => $key, 'open_eof_split' => true, 'package_eof' => "\n"]);
    $server->handle(function (Coroutine\Server\Connection $connection) {
        while ($line = $connection->recv()) {
            $connection->send(strrev(trim($line)) . "\n");
        }
        $connection->close();
    });
    go(fn () => $server->start());
    Swoole\Runtime::enableCoroutine();
    echo shell_exec("(echo one; sleep 0.1; printf 'tw'; sleep 0.1; printf 'o\\nthree\\n') | socat -t 3 - OPENSSL:127.0.0.1:$server->port,verify=0,no-sni");
    $server->shutdown();
});
?>
--EXPECT--
1 true true true
5 true true true
513 true true true
udp datagram true
eno
owt
eerht
