--TEST--
Redis\Server: replies by return value and by send(), pipelines in order, unknown commands
--FILE--
<?php
require __DIR__ . '/../_lib/http.inc';
use Swoole\Redis\Server;
$data = [];
$server = TestServer::http(function ($server) use (&$data) {
    $server->setHandler('GET', function ($fd, $params) use (&$data) {
        if ($params[0] === 'slow') {
            Swoole\Coroutine::sleep(0.02);
        }
        return isset($data[$params[0]]) ? Server::format(Server::STRING, $data[$params[0]]) : Server::format(Server::NIL);
    });
    $server->setHandler('set', function ($fd, $params) use ($server, &$data) {
        $data[$params[0]] = $params[1];
        $server->send($fd, Server::format(Server::STATUS));
    });
}, [], Server::class);
$client = $server->client();
$client->send("*3\r\n\$3\r\nSET\r\n\$1\r\na\r\n\$5\r\nh\r\nlo\r\n*2\r\n\$3\r\nGET\r\n\$4\r\nslow\r\nGET a\r\nnope x\r\n");
echo str_replace("\r\n", '|', $client->raw(0.3)), "\n";
foreach ([[Server::INT, 5], [Server::SET, [1, 'x', null, [2]]], [Server::MAP, ['k' => 'v', 3 => true]], [Server::ERROR, "ERR a\r\nb"], [Server::STRING, '']] as [$type, $value]) {
    echo str_replace("\r\n", '|', Server::format($type, $value)), "\n";
}
foreach ([[Server::STRING], [Server::SET, 'no list'], [99, 1]] as $arguments) {
    try {
        Server::format(...$arguments);
    } catch (Swoole\Exception $exception) {
        show($exception->getMessage());
    }
}
?>
--EXPECT--
+OK|$-1|$5|h|lo|-ERR unknown command 'nope'|
:5|
*4|:1|$1|x|$-1|*1|:2|
*4|$1|k|$1|v|$1|3|:1|
-ERR a  b|
$0||
require more parameters
the second parameter should be an array
Unknown type[99]
