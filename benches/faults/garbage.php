<?php
/** Garbage into each framing: random bytes, and good packets with wrong bytes in them. */
const LENGTHS = ['c', 'C', 's', 'S', 'n', 'N', 'v', 'V', 'l', 'L'];

/** A good packet of each framing, for garbage to begin with. */
function good(): array
{
    $good = [
        'eof' => "a line\r\n",
        'split' => "one\r\ntwo\r\n",
        'mqtt' => "\x10\x10\0\x04MQTT\x04\x02\0\x3c\0\x04test\x30\x07\0\x01ahello",
    ];
    foreach (LENGTHS as $type) {
        $good["length $type"] = 'x' . str_pad(pack($type, 5), 8, "\0") . 'hello';
    }
    $websocket = "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        . "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58\x89\x80\0\0\0\0";
    return $good + [
        'http' => "POST /a?b=c HTTP/1.1\r\nHost: x\r\nCookie: a=b\r\nContent-Type: multipart/form-data; boundary=x\r\nTransfer-Encoding: chunked\r\n\r\n"
            . "2f\r\n--x\r\nContent-Disposition: form-data; name=a\r\n\r\nb\r\n6\r\n--x--\r\n\r\n0\r\n\r\n",
        'http2' => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0\0\0\x03\1\5\0\0\0\1\x82\x86\x84\0\0\x04\x08\0\0\0\0\0\0\0\xff\xff",
        'websocket' => $websocket,
        'redis' => "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$2\r\nbc\r\n*1\r\n$4\r\nPING\r\n",
    ];
}

/** Wrong bytes in the middle, a piece cut out, a piece twice, or nothing but noise. */
function spoilt(string $packet): string
{
    $at = random_int(0, strlen($packet) - 1);
    $length = random_int(1, 8);
    return match (random_int(0, 5)) {
        0 => random_bytes(random_int(1, 3000)),
        1 => substr_replace($packet, random_bytes($length), $at, $length),
        2 => substr_replace($packet, '', $at, $length),
        3 => substr_replace($packet, substr($packet, $at, $length + 20), $at, 0),
        4 => substr_replace($packet, str_repeat("\xff", $length), $at, $length),
        5 => $packet . random_bytes(random_int(1, 500)),
    };
}

return function (Trial $trial) {
    $control = null;
    $framed = function (Swoole\Server $server, array $ports) use (&$control) {
        $port = $server->listen('127.0.0.1', $control, SWOOLE_SOCK_TCP);
        $port->set(LINES + ['open_http_protocol' => false, 'open_websocket_protocol' => false, 'open_redis_protocol' => false]);
        echo_server($port);
        foreach ($ports as [$number, $settings]) {
            $port = $server->listen('127.0.0.1', $number, SWOOLE_SOCK_TCP);
            $port->set($settings + ['package_max_length' => 100_000]);
            $port->on('Receive', fn ($server, $fd, $reactor, $data) => $server->send($fd, 'got ' . strlen($data)));
        }
    };
    $ports = ['eof' => ['open_eof_check' => true, 'package_eof' => "\r\n"], 'split' => LINES, 'mqtt' => ['open_mqtt_protocol' => true]];
    foreach (LENGTHS as $type) {
        $ports["length $type"] = ['open_length_check' => true, 'package_length_type' => $type, 'package_length_offset' => 1, 'package_body_offset' => 9];
    }
    $ports = array_map(fn ($settings) => [free_port(), $settings], $ports);
    $numbers = array_map(fn ($port) => $port[0], $ports);
    $servers = [
        Swoole\Server::class => [$numbers, fn ($server) => $server->on('Receive', fn () => null)],
        Swoole\WebSocket\Server::class => [['http' => 0, 'http2' => 0, 'websocket' => 0], function ($server) {
            $server->on('Request', fn ($request, $response) => $response->end('got ' . count((array) $request->post)));
            $server->on('Message', fn ($server, $frame) => $server->push($frame->fd, "got $frame->data"));
        }],
        Swoole\Redis\Server::class => [['redis' => 0], fn ($server) => $server->setHandler('SET', fn ($fd, $data) => $server->send($fd, Swoole\Redis\Server::format(Swoole\Redis\Server::STATUS, 'OK')))],
    ];
    $sent = 0;
    foreach ($servers as $class => [$kinds, $configure]) {
        $control = free_port();
        $server = $trial->serve(function ($server) use ($framed, $configure, $class, $ports) {
            $configure($server);
            $framed($server, $class === Swoole\Server::class ? $ports : []);
        }, ['open_http2_protocol' => true, 'websocket_compression' => true, 'package_max_length' => 100_000, 'log_level' => SWOOLE_LOG_ERROR], $class);
        $talk = (object) ['port' => $control];
        $pids = ask($talk, 'pids');
        foreach ($kinds as $kind => $number) {
            for ($n = 0; $n < 150; $n++, $sent++) {
                $socket = @stream_socket_client('tcp://127.0.0.1:' . ($number ?: $server->port), $code, $text, 3);
                if (!$socket) {
                    $trial->expect(false, "$kind accepts no more");
                    break;
                }
                $bytes = spoilt(good()[$kind]);
                // In pieces, so that each state of each parser is met.
                foreach ($n % 3 ? [$bytes] : str_split($bytes, max(1, intdiv(strlen($bytes), 3))) as $piece) {
                    @fwrite($socket, $piece);
                }
                if ($n % 10 === 0) {
                    stream_set_timeout($socket, 0, 5000);
                    @fread($socket, 1000);
                }
                fclose($socket);
            }
            $trial->expect(ask($talk, 'after') === "echo after\r\n", "nobody is served after garbage into $kind");
            $trial->expect(ask($talk, 'pids') === $pids, "a worker died of garbage into $kind");
        }
        $trial->rest($trial->settled(fn () => stats($talk)));
        $trial->expect($server->child->stop() === 'exit 0', 'the server does not end');
    }
    $trial->note("$sent spoilt packets");
};
