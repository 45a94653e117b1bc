--TEST--
dns_server is asked instead of the system; answers are kept for their TTL, dns_cache_expire and dns_cache_capacity
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use Swoole\Coroutine\System;
use function Swoole\Coroutine\run;
// A name server (RFC 1035) that tells how often it was asked: 10.0.0.1, 10.0.0.2, … or ::1, ::2, …
$server = stream_socket_server('udp://127.0.0.1:0', $code, $text, STREAM_SERVER_BIND);
$address = stream_socket_get_name($server, false);
Child::fork(function () use ($server) {
    for ($n = 1; ($query = stream_socket_recvfrom($server, 512, 0, $peer)) !== false;) {
        ['id' => $id] = unpack('nid', $query);
        for ($at = 12, $labels = []; ($length = ord($query[$at])) > 0; $at += $length + 1) {
            $labels[] = substr($query, $at + 1, $length);
        }
        $question = substr($query, 12, $at + 5 - 12);
        $six = unpack('n', $query, $at + 1)[1] === 28;
        if ($labels[0] === 'silent') {
            continue;
        }
        $known = $labels[0] !== 'unknown';
        $data = $six ? str_repeat("\0", 15) . chr($n) : "\x0a\0\0" . chr($n);
        $ttl = $labels[0] === 'brief' ? 0 : 300;
        $answer = "\xc0\x0c" . pack('nnNn', $six ? 28 : 1, 1, $ttl, strlen($data)) . $data;
        $n += (int) $known;
        stream_socket_sendto($server, pack('nnnnnn', $id, $known ? 0x8180 : 0x8183, 1, (int) $known, 0, 0) . $question . ($known ? $answer : ''), 0, $peer);
    }
});
Coroutine::set(['dns_server' => $address]);
run(function () {
    show('asked', System::gethostbyname('one.test'), System::dnsLookup('two.test'), System::gethostbyname('six.test', AF_INET6));
    show('kept', System::gethostbyname('one.test'), System::dnsLookup('one.test'), System::gethostbyname('two.test'));
    show('of no time', System::gethostbyname('brief.test'), System::gethostbyname('brief.test'));
    show('unknown', System::gethostbyname('unknown.test'), swoole_last_error() === SWOOLE_ERROR_DNSLOOKUP_RESOLVE_FAILED);
    show('silent', System::gethostbyname('silent.test', AF_INET, 0.05), swoole_last_error() === SWOOLE_ERROR_DNSLOOKUP_RESOLVE_TIMEOUT);
    show('silent', System::dnsLookup('silent.test', 0.05), swoole_last_error() === SWOOLE_ERROR_DNSLOOKUP_RESOLVE_FAILED);
    show('not asked', System::gethostbyname('localhost'), System::gethostbyname('192.0.2.7'));
    swoole_clear_dns_cache();
    show('cleared', System::gethostbyname('one.test'));
    Coroutine::set(['dns_cache_capacity' => 0]);
    show('none kept', System::gethostbyname('one.test'), System::gethostbyname('one.test'));
    Coroutine::set(['dns_cache_capacity' => 10, 'dns_cache_expire' => 1]);
    show('kept', System::gethostbyname('one.test'), System::gethostbyname('one.test'));
    $socket = new Coroutine\Socket(AF_INET, SOCK_DGRAM, 0);
    $socket->connect('socket.test', 9);
    show('sockets', $socket->getpeername()['address']);
});
?>
--EXPECT--
asked 10.0.0.1 10.0.0.2 ::3
kept 10.0.0.1 10.0.0.1 10.0.0.2
of no time 10.0.0.4 10.0.0.5
unknown false true
silent false true
silent false true
not asked 127.0.0.1 192.0.2.7
cleared 10.0.0.6
none kept 10.0.0.7 10.0.0.8
kept 10.0.0.9 10.0.0.9
sockets 10.0.0.10
