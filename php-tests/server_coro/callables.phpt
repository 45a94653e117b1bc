--TEST--
The handler is any callable; set() after start() counts for the next connection
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine\Server;
use Swoole\Coroutine\Socket;
use function Swoole\Coroutine\{go, run};
class Handler
{
    public static function serve($connection)
    {
        show($connection->recv());
        show($connection->recv());
    }
    public function __invoke($connection)
    {
        self::serve($connection);
    }
}
run(function () {
    $server = new Server('127.0.0.1');
    $server->handle('Handler::serve');
    $server->handle([new Handler, 'serve']);
    $server->handle(new Handler);
    go(fn () => $server->start());
    foreach ([[], ['open_eof_split' => true, 'package_eof' => '|']] as $setting) {
        $server->set($setting);
        $client = new Socket(AF_INET, SOCK_STREAM);
        $client->connect('127.0.0.1', $server->port);
        $client->send('a|b|');
        $client->close();
        Swoole\Coroutine::sleep(0.02);
    }
    $server->shutdown();
    try {
        $server->handle('nothing');
    } catch (TypeError $e) {
        show($e->getMessage());
    }
});
?>
--EXPECT--
a|b|

a|
b|
Swoole\Coroutine\Server::handle(): Argument #1 ($fn) must be a valid callback, function "nothing" not found or invalid function name
