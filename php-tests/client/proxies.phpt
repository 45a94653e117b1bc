--TEST--
Through SOCKS5 and HTTP proxies, with and without a password
--FILE--
<?php
require __DIR__ . '/../_lib/peer.inc';
use Swoole\Coroutine\Client;
use Swoole\Coroutine\Socket;
use function Swoole\Coroutine\{go, run};
/** Copies bytes between two connections. */
function join_up(Socket $a, Socket $b): void
{
    foreach ([[$a, $b], [$b, $a]] as [$from, $to]) {
        go(function () use ($from, $to) {
            while (($data = $from->recv(-1)) !== '' && $data !== false) {
                $to->sendAll($data);
            }
            $to->shutdown(1);
        });
    }
}
function dial(string $host, int $port): Socket
{
    $socket = new Socket(AF_INET, SOCK_STREAM);
    $socket->connect($host === 'target.test' ? '127.0.0.1' : $host, $port);
    return $socket;
}
run(function () {
    $target = listen(function ($c) { $c->sendAll('welcome ' . $c->recv()); $c->close(); });
    $socks = listen(function ($c) {
        $hello = $c->recvAll(3);
        $password = ord($hello[2]) === 2;
        $c->sendAll("\5" . $hello[2]);
        if ($password) {
            $login = $c->recv();
            $good = $login === "\1\4user\6secret";
            $c->sendAll("\1" . ($good ? "\0" : "\1"));
            if (!$good) { $c->close(); return; }
        }
        [, , , $type] = array_values(unpack('C4', $c->recvAll(4)));
        $host = $type === 1 ? inet_ntop($c->recvAll(4)) : $c->recvAll(ord($c->recvAll(1)));
        $port = unpack('n', $c->recvAll(2))[1];
        show('proxy', $type === 1 ? 'by address' : 'by name', $host, $password);
        $c->sendAll("\5\0\0\1\0\0\0\0\0\0");
        join_up($c, dial($host, $port));
    });
    $http = listen(function ($c) {
        $request = read_request($c);
        preg_match('/^CONNECT (\S+):(\d+) HTTP/', $request, $found);
        if (str_contains($request, 'Proxy-Authorization') && !str_contains($request, base64_encode('user:secret'))) {
            $c->sendAll("HTTP/1.1 407 No\r\n\r\n");
            $c->close();
            return;
        }
        show('proxy', $found[1]);
        $c->sendAll("HTTP/1.1 200 Connection established\r\n\r\n");
        join_up($c, dial($found[1], (int) $found[2]));
    });
    $try = function (string $host, array $settings) use ($target) {
        $client = new Client(SWOOLE_SOCK_TCP);
        $client->set($settings);
        if (!$client->connect($host, port_of($target), 2)) {
            show('failed', $client->errCode, $client->errMsg);
            return;
        }
        $client->send('friend');
        show($client->recv());
        $client->close();
    };
    $at = ['socks5_host' => '127.0.0.1', 'socks5_port' => port_of($socks)];
    $try('127.0.0.1', $at);
    $try('target.test', $at);
    $try('target.test', $at + ['socks5_username' => 'user', 'socks5_password' => 'secret']);
    $try('target.test', $at + ['socks5_username' => 'user', 'socks5_password' => 'wrong!']);
    $at = ['http_proxy_host' => '127.0.0.1', 'http_proxy_port' => port_of($http)];
    $try('target.test', $at);
    $try('target.test', $at + ['http_proxy_username' => 'user', 'http_proxy_password' => 'secret']);
    $try('target.test', $at + ['http_proxy_username' => 'user', 'http_proxy_password' => 'wrong']);
    array_map(fn ($socket) => $socket->close(), [$target, $socks, $http]);
});
?>
--EXPECT--
proxy by address 127.0.0.1 false
welcome friend
proxy by name target.test false
welcome friend
proxy by name target.test true
welcome friend
failed 7005 Socks5 handshake failed
proxy target.test
welcome friend
proxy target.test
welcome friend
failed 7103 Http proxy handshake failed
