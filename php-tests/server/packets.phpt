--TEST--
Framing: every letter of package_length_type with offsets, package_length_func, eof check and split, MQTT; what is wrong closes its connection with a log line
--FILE--
<?php
require __DIR__ . '/../_lib/server.inc';
both_modes(function (int $mode) {
    $sizes = ['c' => 1, 'C' => 1, 's' => 2, 'S' => 2, 'n' => 2, 'N' => 4, 'v' => 2, 'V' => 4, 'l' => 4, 'L' => 4];
    $ports = array_map(fn () => free_port(), $sizes);
    [$function, $check, $split, $mqtt] = [free_port(), free_port(), free_port(), free_port()];
    $server = Served::start(function ($server) use ($sizes, $ports, $function, $check, $split, $mqtt) {
        $echo = fn ($server, $fd, $reactor, $data) => $server->send($fd, strlen($data) . ' ' . bin2hex(substr($data, -2)) . "\n");
        $server->on('Receive', $echo);
        $listen = function (int $port, array $settings) use ($server, $echo) {
            $port = $server->listen('127.0.0.1', $port, SWOOLE_SOCK_TCP);
            $port->set($settings + ['package_max_length' => 3000]);
            $port->on('Receive', $echo);
        };
        foreach ($sizes as $type => $size) {
            // Two bytes, the length, two bytes; then the body, which alone is counted.
            $listen($ports[$type], ['open_length_check' => true, 'package_length_type' => $type, 'package_length_offset' => 2, 'package_body_offset' => 4 + $size]);
        }
        $listen($check, ['open_eof_check' => true, 'package_eof' => "\r\n\r\n"]);
        $listen($split, ['open_eof_split' => true, 'package_eof' => '|']);
        $listen($mqtt, ['open_mqtt_protocol' => true]);
    }, [], $mode);
    $talk = function (int $port, string ...$pieces) {
        $socket = stream_socket_client("tcp://127.0.0.1:$port");
        stream_set_timeout($socket, 3);
        foreach ($pieces as $piece) {
            fwrite($socket, $piece);
            usleep(15_000);
        }
        return $socket;
    };
    foreach ($sizes as $type => $size) {
        $length = strtolower($type) === 'c' ? 100 : 300;
        $packet = fn (int $length) => 'ab' . substr(pack($type, $length), 0, $size) . 'cd' . str_repeat('x', max($length - 2, 0)) . 'yz';
        // The second comes in three pieces, cut inside its length.
        [$one, $two] = [$packet($length), $packet(2)];
        $socket = $talk($ports[$type], $one . substr($two, 0, 3), substr($two, 3, 2), substr($two, 5));
        $answers = [trim(fgets($socket)), trim(fgets($socket))];
        $good = $answers === [strlen($one) . ' 797a', strlen($two) . ' 797a'];
        // A length below zero, where there are signs, or one too long.
        $wrong = $talk($ports[$type], 'ab' . substr(pack($type, in_array($type, ['c', 's', 'l']) ? -1 : ($size > 1 ? 60_000 : 255)), 0, $size) . 'cd' . str_repeat('x', 100));
        stream_set_timeout($wrong, 0, 300_000);
        show($type, $good ?: $answers, $size > 1 || $type === 'c' ? [fgets($wrong), feof($wrong)] : 'fits');
    }
    show($server->logged('session#'));

    // A check hands on what ends with the marker, a split every part.
    $socket = $talk($check, "a\r\n\r\nb", "c\r\n\r\n");
    show('check', trim(fgets($socket)));
    $socket = $talk($split, 'a|bc|d', 'e|');
    show('split', trim(fgets($socket)), trim(fgets($socket)), trim(fgets($socket)));
    $socket = $talk($split, str_repeat('x', 4000));
    show(fgets($socket), feof($socket));

    // MQTT: two bytes of length from 128 on.
    $socket = $talk($mqtt, "\x30\x05" . 'topic' . "\x30\xac\x02" . str_repeat('x', 299), 'y', "\xc0\x00");
    show('mqtt', trim(fgets($socket)), trim(fgets($socket)), trim(fgets($socket)));
    $socket = $talk($mqtt, "\x30\xff\xff\xff\xff\xff");
    show(fgets($socket), feof($socket), $server->child->stop());
});
// A function of the script: in the worker (BASE), or in the master's main thread.
both_modes(function (int $mode) {
    $server = Served::start(function ($server) {
        $server->on('Receive', fn ($server, $fd, $reactor, $data) => $server->send($fd, "<$data>\n"));
    }, ['open_length_check' => true, 'package_max_length' => 1000, 'package_length_func' => function (string $head) {
        // As netstrings: "5:hello,".
        if (!preg_match('/^(\d+)(:?)/', $head, $match)) {
            return -1;
        }
        return $match[2] ? strlen($match[1]) + 1 + $match[1] + 1 : 0;
    }], $mode);
    $socket = $server->connect();
    fwrite($socket, '5:hello,1');
    usleep(20_000);
    fwrite($socket, '1:hello world,');
    show(trim(fgets($socket)), trim(fgets($socket)));
    fwrite($socket, 'no number');
    show(fgets($socket), feof($socket), $server->child->stop());
});
?>
--EXPECT--
-- base
c true [false,true]
C true fits
s true [false,true]
S true [false,true]
n true [false,true]
N true [false,true]
v true [false,true]
V true [false,true]
l true [false,true]
L true [false,true]
true
check 11 0d0a
split 2 617c 3 637c 3 657c
false true
mqtt 7 6963 303 7879 2 c000
false true exit 0
-- process
c true [false,true]
C true fits
s true [false,true]
S true [false,true]
n true [false,true]
N true [false,true]
v true [false,true]
V true [false,true]
l true [false,true]
L true [false,true]
true
check 11 0d0a
split 2 617c 3 637c 3 657c
false true
mqtt 7 6963 303 7879 2 c000
false true exit 0
-- base
<5:hello,> <11:hello world,>
false true exit 0
-- process
<5:hello,> <11:hello world,>
false true exit 0
