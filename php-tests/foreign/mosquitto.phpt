--TEST--
mosquitto's clients and a server that frames by open_mqtt_protocol: packets come whole, a large one and a subscription too
--FILE--
<?php
require __DIR__ . '/../_lib/server.inc';

/** Length of a packet's rest, and where it begins (MQTT 3.1.1, 2.2.3). */
function rest(string $packet): array
{
    for ($length = 0, $at = 1, $shift = 0; ; $shift += 7) {
        $byte = ord($packet[$at++]);
        $length |= ($byte & 127) << $shift;
        if ($byte < 128) {
            return [$length, $at];
        }
    }
}

both_modes(function (int $mode) {
    $server = Served::start(function ($server) {
        $server->on('Receive', function ($server, $fd, $reactor, $packet) {
            [$length, $at] = rest($packet);
            $whole = strlen($packet) === $at + $length;
            switch (ord($packet[0]) >> 4) {
                case 1:     // CONNECT
                    $server->send($fd, "\x20\x02\x00\x00");
                    break;
                case 3:     // PUBLISH, QoS 1: an identifier behind the topic
                    $topic = unpack('n', $packet, $at)[1];
                    $server->send($fd, "\x40\x02" . substr($packet, $at + 2 + $topic, 2));
                    show('published', substr($packet, $at + 2, $topic), $whole, strlen(substr($packet, $at + 2 + $topic + 2)));
                    break;
                case 8:     // SUBSCRIBE: granted, and one message at once
                    $server->send($fd, "\x90\x03" . substr($packet, $at, 2) . "\x00");
                    $server->send($fd, "\x30\x0b" . pack('n', 5) . 'a/new' . 'four');
                    show('subscribed', $whole, substr($packet, $at + 4, 5));
                    break;
            }
        });
    }, ['worker_num' => 1, 'open_mqtt_protocol' => true, 'package_max_length' => 4 << 20], $mode);
    $to = ['-h', '127.0.0.1', '-p', (string) $server->port, '-q', '1'];
    $short = run_command(['mosquitto_pub', ...$to, '-t', 'a/short', '-m', 'hello']);
    $large = run_command(['mosquitto_pub', ...$to, '-t', 'a/large', '-s'], 20, str_repeat('x', 1_000_000));
    $subscribed = run_command(['mosquitto_sub', ...$to, '-t', 'a/new', '-C', '1', '-W', '10', '-v']);
    show($short->exit, $large->exit, $subscribed->exit, trim($subscribed->output), $short->errors . $large->errors . $subscribed->errors);
    show($server->child->stop());
});
?>
--EXPECT--
-- base
published a/short true 5
published a/large true 1000000
subscribed true a/new
0 0 0 a/new four 
exit 0
-- process
published a/short true 5
published a/large true 1000000
subscribed true a/new
0 0 0 a/new four 
exit 0
