--TEST--
ObjectProxy passes properties and calls on
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\ObjectProxy;
class Thing
{
    public $a = 1;
    public ?int $typed = null;
    private $hidden = 'h';
    public function add(int ...$numbers)
    {
        return array_sum($numbers) . ':' . implode(',', array_keys($numbers));
    }
    public function swap(&$one)
    {
        return $one;
    }
    private function secret() {}
    public function __invoke($x, $y = 2)
    {
        return "$x-$y";
    }
}
$thing = new Thing;
$proxy = new ObjectProxy($thing);
show($proxy->__getObject() === $thing, $proxy->a, isset($proxy->a), isset($proxy->typed), isset($proxy->none));
$proxy->a = [1, 2];
$proxy->typed = '5';
show($thing->a, $thing->typed);
unset($proxy->a);
show(isset($thing->a));
show($proxy->add(1, 2, 3), $proxy->add(...['x' => 4, 'y' => 5]), $proxy->swap(7), $proxy(1), $proxy('a', 'b'));
thrown(fn () => $proxy->hidden);
thrown(fn () => $proxy->secret());
thrown(fn () => $proxy->nothing());
thrown(fn () => $proxy->typed = 'x');
thrown(fn () => new ObjectProxy('text'));
$copy = clone $proxy;
show($copy->__getObject() === $thing);
show((new ObjectProxy(fn ($x) => $x * 2))(21));
$magic = new ObjectProxy(new class {
    public function __get($name) { return "got $name"; }
    public function __call($name, $args) { return "$name(" . implode($args) . ')'; }
});
show($magic->anything, $magic->foo(1, 2));
?>
--EXPECT--
true 1 true false false
[1,2] 5
false
6:0,1,2 9:x,y 7 1-2 a-b
Error(0): Cannot access private property Thing::$hidden
Error(0): Call to private method Thing::secret() from scope Swoole\ObjectProxy
Error(0): Call to undefined method Thing::nothing()
TypeError(0): Cannot assign string to property Thing::$typed of type ?int
TypeError(0): Swoole\ObjectProxy::__construct(): Argument #1 ($object) must be of type object, string given
true
42
got anything foo(12)
