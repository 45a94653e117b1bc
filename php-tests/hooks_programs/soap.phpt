--TEST--
50 calls of SoapClient to a service that thinks for half a second
--EXTENSIONS--
soap
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use function Swoole\Coroutine\{go, run};
run(function () {
    $server = stream_socket_server('tcp://127.0.0.1:0', $code, $text, STREAM_SERVER_BIND | STREAM_SERVER_LISTEN,
        stream_context_create(['socket' => ['backlog' => 256]]));
    go(function () use ($server) {
        for ($n = 0; $n < 50; $n++) {
            $peer = stream_socket_accept($server, 10);
            go(function () use ($peer) {
                $length = 0;
                while (($line = fgets($peer)) !== "\r\n") {
                    $length = sscanf(strtolower($line), 'content-length: %d')[0] ?? $length;
                }
                preg_match('/<param0[^>]*>(\d+)</', stream_get_contents($peer, $length), $asked);
                usleep(500_000);
                $body = '<?xml version="1.0"?><e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>'
                    . "<doubledResponse><return>" . 2 * $asked[1] . '</return></doubledResponse></e:Body></e:Envelope>';
                fwrite($peer, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: text/xml\r\nContent-Length: " . strlen($body) . "\r\n\r\n$body");
            });
        }
    });
    $address = stream_socket_get_name($server, false);
    $right = null;
    $time = elapsed(function () use ($address, &$right) {
        $right = array_sum(Coroutine\map(range(0, 49), function ($i) use ($address) {
            $client = new SoapClient(null, ['location' => "http://$address/", 'uri' => 'urn:test']);
            return (int) ($client->doubled($i) == 2 * $i);
        }));
    });
    var_dump($right);
    took($time, 500, 450);
});
?>
--EXPECT--
int(50)
took about 500 ms
