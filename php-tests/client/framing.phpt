--TEST--
Packets by end marker, by length, by function; too large ones are refused
--FILE--
<?php
require __DIR__ . '/../_lib/peer.inc';
use Swoole\Coroutine\Client;
use function Swoole\Coroutine\run;
run(function () {
    $pieces = fn (string $bytes, int $size) => listen(function ($c) use ($bytes, $size) {
        foreach (str_split($bytes, $size) as $piece) {
            $c->sendAll($piece);
            Swoole\Coroutine::sleep(0.001);
        }
        $c->close();
    });
    $read = function (array $settings, $server) {
        $client = new Client(SWOOLE_SOCK_TCP);
        $client->set($settings);
        $client->connect('127.0.0.1', port_of($server), 2);
        $packets = [];
        while (($packet = $client->recv()) !== '' && $packet !== false) {
            $packets[] = bin2hex($packet) === $packet ? $packet : addcslashes($packet, "\0..\37");
        }
        show($packets, $packet, $packet === false ? $client->errCode : 0);
        $client->close();
        $server->close();
    };
    foreach ([1, 3, 100] as $size) {
        $read(['open_eof_check' => true, 'package_eof' => "\r\n"], $pieces("a\r\n\r\nbc\r\nrest", $size));
        $read(['open_length_check' => true, 'package_length_type' => 'n', 'package_body_offset' => 2], $pieces("\0\2hi\0\0\0\3you\0\5ha", $size));
        $read(['open_length_check' => true, 'package_length_func' => fn ($head) => strlen($head) < 1 ? 0 : (int) $head[0]], $pieces('3ab25ab12', $size));
    }
    $read(['open_length_check' => true, 'package_length_type' => 'N', 'package_body_offset' => 4, 'package_max_length' => 100], $pieces("\0\0\1\0", 4));
});
?>
--EXPECT--
["a\\r\\n","\\r\\n","bc\\r\\n"]  0
["\\000\\002hi","\\000\\000","\\000\\003you"]  0
["3ab","25"]  0
["a\\r\\n","\\r\\n","bc\\r\\n"]  0
["\\000\\002hi","\\000\\000","\\000\\003you"]  0
["3ab","25"]  0
["a\\r\\n","\\r\\n","bc\\r\\n"]  0
["\\000\\002hi","\\000\\000","\\000\\003you"]  0
["3ab","25"]  0
[] false 1201
