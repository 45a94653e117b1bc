--TEST--
RemoteObject: methods, properties, elements, iteration, exceptions, resources, objects as answers and arguments
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
require __DIR__ . '/served.inc';
use Swoole\RemoteObject\Client;
use function Swoole\Coroutine\run;

class Box
{
    public $v = 1;
    public array $list = [1, ['a' => null]];
    private $hidden = 'x';
    public function add(int $n, int $times = 1) { return $this->v += $n * $times; }
    public function boom() { throw new LogicException('boom', 7); }
    public function twice(self $other) { return [$this, 'deep' => ['other' => $other]]; }
    public function sum(array $boxes) { return array_sum(array_map(fn (Box $box) => $box->v, $boxes)); }
    public function __toString() { return "box $this->v"; }
    public function __invoke($a, $b = 2) { return $a + $b; }
    private function secret() { return 1; }
}

$port = objects_served(['worker_num' => 1]);
run(function () use ($port) {
    $client = new Client('127.0.0.1', $port);
    show($client->ping(), Client::getInstance($client->getId()) === $client, strlen($client->getId()));
    $box = $client->create('\Box');
    show($box::class, $box->getObjectId() > 0, $box->add(5), $box->add(2, times: 3), $box->list, "$box", $box(3), $box(3, b: 4));
    $box->v = ['x'];
    show($box->v, ($box->v = 2));
    thrown(fn () => $box->boom());
    thrown(fn () => $box->nothing());
    thrown(fn () => $box->secret());
    thrown(fn () => $box->add('many'));
    show($client->create('DateTime', timezone: null)->getOffset() !== null, $client->call('json_encode', value: [1], flags: 0));
    thrown(fn () => $client->create('Nothing'));
    thrown(fn () => $client->call('nothing'));
    thrown(fn () => $client->call('array_map', fn () => 1, []));
    thrown(fn () => $client->execute('/elsewhere', []));

    $other = $client->create('Box');
    $answer = $box->twice($other);
    show($answer[0]->v, $answer['deep']['other']->v, $box->sum([$box, $other, $answer[0]]));

    $file = $client->call('fopen', 'php://memory', 'r+');
    show($file::class, $client->call('fwrite', $file, "ab\0c"), $client->call('rewind', $file), strlen($client->call('fread', $file, 10)));
    thrown(fn () => $file->read());

    $list = $client->create('ArrayObject', ['a' => 1, 'b' => 2]);
    $list['c'] = ['deep'];
    $list[] = 4;
    show($list['c'], isset($list['zz']), isset($list['a']), count($list), isset($list[0]));
    unset($list['a']);
    show($list->getArrayCopy());
    foreach ($list->getIterator() as $key => $value) {
        show($key, $value);
    }
    $objects = $client->create('SplObjectStorage');
    $objects[$box] = 'of box';
    show($objects[$box], isset($objects[$other]));
    show(str_repeat('x', 300000) === $client->call('str_repeat', 'x', 300000), strlen($client->call('strrev', random_bytes(100000))));

    $name = unserialize(serialize($box));
    show($name->v, $name->getObjectId() === $box->getObjectId());
    thrown(fn () => (new ReflectionClass(Swoole\RemoteObject::class))->newInstanceWithoutConstructor()->x());
    thrown(fn () => Swoole\RemoteObject::marshal(1, 1, 'nobody')->x());
});
?>
--EXPECTF--
remote objects: serving at 127.0.0.1:%d
true true 36
Swoole\RemoteObject true 6 12 [1,{"a":null}] box 12 5 7
["x"] 2
Swoole\RemoteObject\Exception(7): Server Error: boom
Swoole\RemoteObject\Exception(0): Server Error: method[Box::nothing] not found
Swoole\RemoteObject\Exception(0): Server Error: method[Box::secret] not found
Swoole\RemoteObject\Exception(0): Server Error: Box::add(): Argument #1 ($n) must be of type int, string given
true [1]
Swoole\RemoteObject\Exception(0): Server Error: Class "Nothing" not found
Swoole\RemoteObject\Exception(0): Server Error: function[nothing] not found
Exception(0): Serialization of 'Closure' is not allowed
Swoole\RemoteObject\Exception(-1): Server Error: invalid request
2 1 5
Swoole\RemoteObject 4 true 4
Swoole\RemoteObject\Exception(0): Server Error: method[resource::read] not found
["deep"] false true 4 true
{"b":2,"c":["deep"],"0":4}
b 2
c ["deep"]
0 4
of box false
true 100000
2 true
Swoole\RemoteObject\Exception(0): this remote object has no client, so nothing can be asked of it
Swoole\RemoteObject\Exception(0): this remote object has no client, so nothing can be asked of it
