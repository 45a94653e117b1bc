--TEST--
A reload takes new certificates; in PROCESS mode open connections live on with theirs. Clients' certificates are checked
--FILE--
<?php
require __DIR__ . '/../_lib/server.inc';
function make(string $name, string $certFile, string $keyFile, ?array $issuer = null): array
{
    $key = openssl_pkey_new(['private_key_bits' => 2048]);
    $request = openssl_csr_new(['commonName' => $name], $key);
    $cert = openssl_csr_sign($request, $issuer[0] ?? null, $issuer[1] ?? $key, 2, ['digest_alg' => 'sha256']);
    openssl_x509_export_to_file($cert, $certFile);
    openssl_pkey_export_to_file($key, $keyFile);
    return [$cert, $key];
}
$connect = function (Served $server, array $more = []) {
    $context = stream_context_create(['ssl' => $more + ['verify_peer' => false, 'verify_peer_name' => false, 'capture_peer_cert' => true]]);
    $socket = @stream_socket_client("ssl://127.0.0.1:$server->port", $code, $text, 5, STREAM_CLIENT_CONNECT, $context);
    if (!$socket) {
        return [null, null];
    }
    stream_set_timeout($socket, 5);
    return [$socket, openssl_x509_parse(stream_context_get_params($socket)['options']['ssl']['peer_certificate'])['subject']['CN']];
};
both_modes(function (int $mode) use ($connect) {
    make('before', $cert = temp_path('.crt'), $key = temp_path('.key'));
    $generation = new Swoole\Atomic();
    $server = Served::start(function ($server) use ($generation) {
        $server->on('WorkerStart', fn () => $generation->add());
        $server->on('Receive', fn ($server, $fd, $reactor, $data) => $server->send($fd, "got $data"));
    }, ['ssl_cert_file' => $cert, 'ssl_key_file' => $key, 'worker_num' => 2], $mode, SWOOLE_SOCK_TCP | SWOOLE_SSL);
    [$old, $name] = $connect($server);
    show($name);
    make('after', $cert, $key);
    show($connect($server)[1]);
    $server->child->signal(SIGUSR1);
    show(eventually(fn () => $generation->get() === 4), eventually(fn () => $connect($server)[1] === 'after'));
    if ($mode === SWOOLE_PROCESS) {
        fwrite($old, "still here\n");
        show(trim(fgets($old)));
    }
});
$ca = make('ca', $caFile = temp_path('.crt'), temp_path('.key'));
make('client', $cert = temp_path('.crt'), $key = temp_path('.key'), $ca);
make('other', $otherCert = temp_path('.crt'), $otherKey = temp_path('.key'));
both_modes(function (int $mode) use ($connect, $ca, $caFile, $cert, $key, $otherCert, $otherKey) {
    foreach ([false, true] as $selfSigned) {
        make('server', $own = temp_path('.crt'), $ownKey = temp_path('.key'));
        $server = Served::start(fn ($server) => $server->on('Receive', fn ($server, $fd, $reactor, $data) => $server->send($fd, "got $data")), [
            'ssl_cert_file' => $own, 'ssl_key_file' => $ownKey, 'ssl_verify_peer' => true, 'ssl_client_cert_file' => $caFile,
            'ssl_allow_self_signed' => $selfSigned,
        ], $mode, SWOOLE_SOCK_TCP | SWOOLE_SSL);
        $answers = array_map(function (array $options) use ($connect, $server) {
            [$socket] = $connect($server, $options);
            if (!$socket || !@fwrite($socket, "x\n")) {
                return 'refused';
            }
            return trim((string) @fgets($socket)) ?: 'closed';
        }, [['local_cert' => $cert, 'local_pk' => $key], ['local_cert' => $otherCert, 'local_pk' => $otherKey], []]);
        show(str_replace('refused', 'closed', $answers));
        show($selfSigned || $server->logged('can not verify peer from fd#'));
    }
});
?>
--EXPECT--
-- base
before
before
true true
-- process
before
before
true true
got still here
-- base
["got x","closed","closed"]
true
["got x","got x","closed"]
true
-- process
["got x","closed","closed"]
true
["got x","got x","closed"]
true
