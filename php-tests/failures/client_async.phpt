--TEST--
The asynchronous client and each way in which a connection fails
--FILE--
<?php
require __DIR__ . '/servers.inc';

use Swoole\Async\Client;
use Swoole\{Event, Timer};

$ports = failing('raw');

/** What happens to a client of that port, until it is closed or $limit ms are over. */
function events(string $what, int $port, array $settings = [], int $flags = 0, string $host = '127.0.0.1', float $timeout = 2, int $limit = 0, ?callable $connected = null): void
{
    $seen = [];
    $client = new Client(SWOOLE_SOCK_TCP | $flags);
    $settings && $client->set($settings);
    $client->on('connect', function ($client) use (&$seen, $connected) {
        $seen[] = 'connect';
        $connected ? $connected($client) : $client->send('go');
    });
    $client->on('receive', function ($client, $data) use (&$seen) {
        $seen[] = 'receive ' . (strlen($data) > 100 ? 'many' : addcslashes($data, "\0..\37"));
    });
    $client->on('error', function ($client) use (&$seen) { $seen[] = "error $client->errCode"; });
    $client->on('close', function ($client) use (&$seen) { $seen[] = "close $client->errCode"; });
    if ($limit) {
        Timer::after($limit, function () use ($client, &$seen) {
            $seen[] = 'time';
            $client->isConnected() && $client->close();
        });
    }
    $result = @$client->connect($host, $port, $timeout);
    Event::wait();
    show($what, $result, array_values(array_unique($seen)), $client->errCode, $client->isConnected());
}

events('refused', $ports['refused']);
events('unreachable', 9, host: NOWHERE);
events('unknown', 9, host: 'no-such-name.invalid');
took(elapsed(fn () => events('connect time-out', $ports['full'], timeout: 0.1)), 100);
took(elapsed(fn () => events('handshake time-out', $ports['silent'], flags: SWOOLE_SSL, timeout: 0.1)), 100);
events('silent', $ports['silent'], timeout: 0.05, limit: 150);
foreach (['reset', 'cut', 'half'] as $what) {
    events("$what, framed", $ports[$what], FRAMED);
    events("$what, plain", $ports[$what]);
}
events('oversize', $ports['oversize'], FRAMED);
foreach (['name' => 'good.test', 'expired' => 'old.test'] as $what => $name) {
    events($what, $ports[$what], ['ssl_verify_peer' => true, 'ssl_cafile' => $ports['certificates'][$what === 'expired'], 'ssl_host_name' => $name], SWOOLE_SSL);
}
events('closed in connect', $ports['silent'], connected: fn ($client) => show($client->close(), $client->isConnected(), @$client->send('x'), @$client->close()));
events('never read', $ports['silent'], limit: 100, connected: fn ($client) => show($client->send(str_repeat('x', 1 << 20))));
?>
--EXPECT--
refused true ["error 111"] 111 false
unreachable false ["error 101"] 101 false
unknown true ["error 711"] 711 false
connect time-out true ["error 110"] 110 false
took about 100 ms
handshake time-out true ["error 110"] 110 false
took about 100 ms
silent true ["connect","time","close 0"] 0 false
reset, framed true ["connect","close 104"] 104 false
reset, plain true ["connect","receive \\000\\000\\000dpart","close 104"] 104 false
cut, framed true ["connect","close 0"] 0 false
cut, plain true ["connect","receive \\000\\000\\000dpart","close 0"] 0 false
half, framed true ["connect","close 0"] 0 false
half, plain true ["connect","close 0"] 0 false
oversize true ["connect","close 1201"] 1201 false
name true ["error 1014"] 1014 false
expired true ["error 1014"] 1014 false
true false false false
closed in connect true ["connect","close 0"] 5001 false
1048576
never read true ["connect","time","close 0"] 0 false
