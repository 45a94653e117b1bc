--TEST--
RemoteObject: an object ends with its last user here, or with the connection; coroutines share a client in turn
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
require __DIR__ . '/served.inc';
use Swoole\Coroutine;
use Swoole\RemoteObject\Client;
use function Swoole\Coroutine\{batch, run};

class Counted
{
    public static int $live = 0;
    public ?Counted $self = null;
    public function __construct() { self::$live++; }
    public function __destruct() { self::$live--; }
}
function live() { return Counted::$live; }
function slow($value) { usleep(20000); return $value; }

/** Its start is quiet. */
class Quiet extends Swoole\RemoteObject\Server
{
    public function onStart(): void {}
}

$port = objects_served(['worker_num' => 1], Quiet::class);
$kept = null;
run(function () use ($port, &$kept) {
    $client = new Client('127.0.0.1', $port);
    $one = $client->create('Counted');
    $two = $client->create('Counted');
    show($client->call('live'));
    unset($one);
    show($client->call('live'));

    // Another connection ends, and what it made ends with it.
    $second = new Client('127.0.0.1', $port);
    $third = $second->create('Counted');
    $id = $second->getId();
    show($client->call('live'));
    unset($second);
    show(Client::getInstance($id) !== null);
    unset($third);
    show(Client::getInstance($id), $client->call('live'));

    // Answers find their askers.
    $answers = batch(array_map(fn ($n) => fn () => $client->call('slow', $n), range(1, 10)));
    show(array_values($answers) === range(1, 10));
    // A cycle that ends in the midst of whatever is going on.
    $cycle = new ArrayObject([$client->create('Counted')]);
    $cycle['self'] = $cycle;
    unset($cycle);
    show(gc_collect_cycles() > 0, $client->call('live'));
    $kept = [$client, $client->create('Counted')];
    thrown(fn () => Client::getInstance(''));
});
// Nobody can wait here: the next request tells the server.
$kept[1] = null;
run(function () use ($kept) {
    $client = $kept[0];
    show($client->call('live'));
});
?>
--EXPECT--
2
1
2
true
null 1
true
true 1
Swoole\RemoteObject\Exception(0): the id of a client is empty
0
