--TEST--
RemoteObject\ProxyTrait: a class that stands for a remote object
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
require __DIR__ . '/served.inc';
use Swoole\RemoteObject;
use Swoole\RemoteObject\{Client, ProxyTrait};
use function Swoole\Coroutine\run;

class RemoteList implements ArrayAccess, Countable
{
    use ProxyTrait { count as size; }
    public function __construct(private RemoteObject $object) {}
    public function count(): int { return $this->size() * 10; }
    protected function getObject(): RemoteObject { return $this->object; }
}
class Walk implements Iterator
{
    use ProxyTrait;
    public function __construct(private RemoteObject $object) {}
    protected function getObject(): RemoteObject { return $this->object; }
}
$port = objects_served(['worker_num' => 1]);
run(function () use ($port) {
    $client = new Client('127.0.0.1', $port);
    $list = new RemoteList($client->create('ArrayObject', ['a' => 1]));
    $list['b'] = 2;
    unset($list['a']);
    show($list['b'], isset($list['a']), isset($list['b']), count($list), $list->getArrayCopy());
    foreach (new Walk($client->create('ArrayIterator', ['x' => 1, 'y' => [2]])) as $key => $value) {
        show($key, $value);
    }
    $text = new Walk($client->create('SplFileInfo', '/tmp'));
    show((string) $text, $text->getBasename());
    $text->note = [1];
    show($text->note);
    thrown(fn () => $text('x'));
});
?>
--EXPECTF--
remote objects: serving at 127.0.0.1:%d
2 false true 10 {"b":2}
x 1
y [2]
/tmp tmp
%A[1]
Swoole\RemoteObject\Exception(0): Server Error: method[SplFileInfo::__invoke] not found
