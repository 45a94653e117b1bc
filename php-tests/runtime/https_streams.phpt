--TEST--
50 https:// streams of half a second each, their server's certificate verified
--EXTENSIONS--
openssl
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use function Swoole\Coroutine\{go, run};
$key = openssl_pkey_new(['private_key_type' => OPENSSL_KEYTYPE_EC, 'curve_name' => 'prime256v1']);
$request = openssl_csr_new(['commonName' => 'localhost'], $key, ['digest_alg' => 'sha256']);
openssl_x509_export(openssl_csr_sign($request, null, $key, 1, ['digest_alg' => 'sha256']), $certificate);
openssl_pkey_export($key, $secret);
file_put_contents($pem = temp_path('.pem'), $certificate . $secret);
file_put_contents($ca = temp_path('.crt'), $certificate);
run(function () use ($pem, $ca) {
    $server = stream_socket_server('tcp://127.0.0.1:0', $code, $text, STREAM_SERVER_BIND | STREAM_SERVER_LISTEN,
        stream_context_create(['ssl' => ['local_cert' => $pem], 'socket' => ['backlog' => 256]]));
    go(function () use ($server) {
        for ($n = 0; $n < 51; $n++) {
            $peer = stream_socket_accept($server, 10);
            go(function () use ($peer) {
                if (!@stream_socket_enable_crypto($peer, true, STREAM_CRYPTO_METHOD_TLS_SERVER)) {
                    return;
                }
                $path = explode(' ', (string) fgets($peer))[1] ?? '';
                while (!in_array(fgets($peer), ["\r\n", false], true)) {
                }
                usleep(500_000);
                fwrite($peer, "HTTP/1.0 200 OK\r\n\r\ngot $path");
                fclose($peer);
            });
        }
    });
    $port = explode(':', stream_socket_get_name($server, false))[1];
    $right = null;
    $time = elapsed(function () use ($port, $ca, &$right) {
        $right = array_sum(Coroutine\map(range(1, 50), function ($i) use ($port, $ca) {
            $context = stream_context_create(['ssl' => ['cafile' => $ca, 'peer_name' => 'localhost']]);
            return (int) (file_get_contents("https://127.0.0.1:$port/$i", context: $context) === "got /$i");
        }));
    });
    var_dump($right);
    // One after another it would be 25 s; a hundred handshakes take their time on a busy machine.
    took($time, 500, 9500);
    // Who is not who he says is refused, as outside.
    $context = stream_context_create(['ssl' => ['cafile' => $ca, 'peer_name' => 'example.org']]);
    var_dump(@file_get_contents("https://127.0.0.1:$port/x", context: $context));
});
?>
--EXPECT--
int(50)
took about 500 ms
bool(false)
