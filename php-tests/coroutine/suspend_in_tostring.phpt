--TEST--
Suspending inside magic methods
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use function Swoole\Coroutine\{go, run};
class Magic implements ArrayAccess, Countable, IteratorAggregate, JsonSerializable {
    private function wait(): void { Coroutine::sleep(0.001); }
    public function __toString(): string { $this->wait(); return 'string ' . Coroutine::getCid(); }
    public function __get($name) { $this->wait(); return "got $name " . Coroutine::getCid(); }
    public function offsetGet($key): mixed { $this->wait(); return "at $key"; }
    public function offsetSet($key, $value): void { $this->wait(); }
    public function offsetExists($key): bool { $this->wait(); return true; }
    public function offsetUnset($key): void {}
    public function count(): int { $this->wait(); return 3; }
    public function getIterator(): Iterator { $this->wait(); yield 1; $this->wait(); yield 2; }
    public function jsonSerialize(): mixed { $this->wait(); return 'json'; }
}
run(function () {
    $channel = new Coroutine\Channel(2);
    for ($i = 0; $i < 2; $i++) {
        go(function () use ($channel) {
            $magic = new Magic;
            Coroutine::getCid() === 3 && Coroutine::sleep(0.03);
            $channel->push(["$magic", $magic->name, $magic['k'], isset($magic['k']), count($magic), [...$magic], json_encode($magic)]);
        });
    }
    show($channel->pop());
    show($channel->pop());
});
?>
--EXPECT--
["string 2","got name 2","at k",true,3,[1,2],"\"json\""]
["string 3","got name 3","at k",true,3,[1,2],"\"json\""]
