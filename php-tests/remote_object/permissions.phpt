--TEST--
RemoteObject\Server: a key, allowed classes and functions, options that are refused, a server that is gone
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
require __DIR__ . '/served.inc';
use Swoole\RemoteObject\{Client, Server};
use function Swoole\Coroutine\run;

thrown(fn () => new Server('127.0.0.1', free_port(), ['allowed_classes' => 'ArrayObject']));
thrown(fn () => new Server('127.0.0.1', free_port(), ['allowed_functions' => 1]));
$port = objects_served(['worker_num' => 2, 'api_key' => 'secret', 'allowed_classes' => ['ArrayObject'], 'allowed_functions' => ['strlen']]);
run(function () use ($port) {
    foreach ([[], ['api_key' => 'secreT'], ['api_key' => 'secret']] as $options) {
        show((new Client('127.0.0.1', $port, $options))->ping());
    }
    thrown(fn () => (new Client('127.0.0.1', $port))->call('strlen', 'x'));
    $client = new Client('127.0.0.1', $port, ['api_key' => 'secret']);
    show($client->call('strlen', 'abc'), $client->call('\strlen', 'abcd'), $client->create('\ArrayObject', [1, 2])->count());
    thrown(fn () => $client->call('exec', 'true'));
    thrown(fn () => $client->create('SplStack'));
    $gone = new Client('127.0.0.1', free_port());
    show($gone->ping());
    thrown(fn () => $gone->call('strlen', 'x'));
});
// Outside of coroutines the client cannot wait.
$run = run_php("(new Swoole\RemoteObject\Client('127.0.0.1', $port))->call('strlen', 'x');");
show($run->exit, str_contains($run->output, 'API must be called in the coroutine'));
?>
--EXPECTF--
Swoole\RemoteObject\Exception(0): allowed_classes must be an array
Swoole\RemoteObject\Exception(0): allowed_functions must be an array
remote objects: serving at 127.0.0.1:%d
false
false
true
Swoole\RemoteObject\Exception(-3): Server Error: invalid api key
3 4 2
Swoole\RemoteObject\Exception(0): Server Error: function[exec] not allowed
Swoole\RemoteObject\Exception(0): Server Error: class[SplStack] not allowed
false
Swoole\RemoteObject\Exception(111): Connection refused
255 true
