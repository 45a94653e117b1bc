--TEST--
Refused, timed out, cut off, malformed: errCode and negative statusCode
--FILE--
<?php
require __DIR__ . '/../_lib/peer.inc';
use Swoole\Coroutine;
use Swoole\Coroutine\Http\Client;
use function Swoole\Coroutine\{go, run};
run(function () {
    $failed = fn (string $what, Client $client, bool $done) => show($what, $done, $client->errCode, $client->errMsg, $client->statusCode, $client->connected, $client->body);
    $client = new Client('127.0.0.1', free_port());
    $failed('refused', $client, $client->get('/'));
    $server = serve(function ($request, $connection) {
        switch (explode(' ', $request)[1]) {
            case '/silent': Coroutine::sleep(0.3); return answer('late');
            case '/short': $connection->sendAll("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"); return null;
            case '/nothing': return null;
            case '/noise': return "garbage\r\n\r\n";
            case '/chunk': return "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n";
            case '/two': return "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab";
            case '/huge': return "HTTP/1.1 200 OK\r\nX: " . str_repeat('x', 300000) . "\r\n\r\n";
            case '/slow':
                for ($i = 0; $i < 20; $i++) {
                    $connection->sendAll($i ? 'x' : "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n");
                    Coroutine::sleep(0.02);
                }
                return null;
        }
        return answer('fine');
    });
    $client = new Client('127.0.0.1', port_of($server));
    $client->set(['timeout' => 0.1]);
    took(elapsed(fn () => $failed('time-out', $client, $client->get('/silent'))), 100);
    took(elapsed(fn () => $failed('time-out of the whole', $client, $client->get('/slow'))), 100);
    $client->set(['timeout' => 5]);
    foreach (['/short', '/nothing', '/noise', '/chunk', '/two', '/huge'] as $path) {
        $failed($path, $client, $client->get($path));
        $failed('then', $client, $client->get('/'));
    }
    go(function () use ($client) {
        Coroutine::sleep(0.02);
        show('close', $client->close());
    });
    $failed('closed while waiting', $client, $client->get('/silent'));
    $client = new Client('127.0.0.1', port_of($server));
    go(fn () => $client->get('/silent'));
    Coroutine::sleep(0.02);
    thrown(function () use ($client) {
        try {
            $client->get('/silent');
        } catch (Swoole\Error $error) {
            throw new Exception(preg_replace('/\d+/', 'N', $error->getMessage()));
        }
    });
    $server->close();
});
?>
--EXPECT--
refused false 111 Connection refused -1 false 
time-out false 110 Connection timed out -2 false 
took about 100 ms
time-out of the whole false 110 Connection timed out -2 false 
took about 100 ms
/short false 104 Connection reset by peer -3 false 
then true 0  200 true fine
/nothing false 104 Connection reset by peer -3 false 
then true 0  200 true fine
/noise false 7102 Http invalid protocol -3 false 
then true 0  200 true fine
/chunk false 7102 Http invalid protocol -3 false 
then true 0  200 true fine
/two false 7102 Http invalid protocol -3 false 
then true 0  200 true fine
/huge false 7102 Http invalid protocol -3 false 
then true 0  200 true fine
closed while waiting false 125 Operation canceled -3 false 
close false
Exception(0): Socket#N has already been bound to another coroutine#N, reading of the same socket in coroutine#N at the same time is not allowed
