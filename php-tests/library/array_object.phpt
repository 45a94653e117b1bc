--TEST--
ArrayObject: elements, iteration, derived and changed arrays
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\ArrayObject;
use Swoole\StringObject;
$a = swoole_array(['b' => 'two', 'a' => 1, 5 => [1, 2], 'n' => null]);
show($a::class, count($a), $a->isEmpty(), $a['b'], $a['5'], $a['none'], isset($a['n']), isset($a['a']), $a->exists('n'));
show($a->get('b')::class, $a->get(5)::class, $a->get('a'), $a->getOr('none', 7), $a->getOr('b')->upper()->toString());
thrown(fn () => $a->get('none'));
thrown(fn () => $a->get([]));
show($a->first()->toString(), $a->last(), $a->firstKey(), $a->lastKey(), (new ArrayObject)->first(), (new ArrayObject)->lastKey());
$a['x'] = 1;
$a[''] = 2;
unset($a['n'], $a['none'], $a[5]);
show($a->toArray(), $a->__toArray() === $a->toArray());
foreach ($a as $key => $value) {
    echo "$key=$value ";
}
foreach ($a as $key => $value) {
    foreach ($a as $inner) {
    }
    echo "$key ends the outer loop\n";
}
show($a->set('k', 'v')->delete('x')->toArray(), $a->clear()->toArray());

$n = new ArrayObject([3, 1, 2]);
$literal = [3, 1, 2];
$shared = new ArrayObject($literal);
show($n->push(4), $n->pushFront(0), $n->append(5, 6)->toArray(), $n->append()->count(), $n->pop(), $n->popBack(), $n->popFront());
show($n->insert(1, 'in')->insert(0, ['x' => 1])->toArray(), $shared->sort()->toArray(), $literal);
$n = new ArrayObject([3, 1, 2, 1]);
show($n->contains(1), $n->contains('1'), $n->contains('1', false), $n->search(2), $n->indexOf(1), $n->lastIndexOf(1), $n->lastIndexOf(9));
show($n->sum(), $n->product(), $n->join('-')::class, (string) $n->join('-'), $n->reduce(fn ($c, $x) => $c + $x, 10));
show($n->slice(1, 2)->toArray(), $n->slice(1, null, true)->toArray(), $n->keys(1)->toArray(), $n->values()->toArray());
show($n->unique()->toArray(), $n->reverse()->toArray(), $n->chunk(3)->toArray(), $n->flip()->toArray());
show($n->filter(fn ($x) => $x > 1)->toArray(), $n->filter(fn ($k) => $k < 1, ARRAY_FILTER_USE_KEY)->toArray());
show($n->map(fn ($x, $y) => $x * $y, [1, 2, 3, 4])->toArray());
show((new ArrayObject([['id' => 1, 'v' => 'a'], ['id' => 2, 'v' => 'b']]))->column('v', 'id')->toArray());
show($n->remove(1)->toArray(), $n->remove('3')->toArray(), (new ArrayObject([1, 2, 1]))->remove(1, true, true)->toArray());
$o = new ArrayObject(['b' => 2, 'a' => 1, 'C' => 3]);
foreach (['asort', 'arsort', 'ksort', 'krsort', 'natsort', 'natcasesort', 'sort', 'rsort'] as $sort) {
    show($sort, $o->$sort() === $o, $o->toArray());
}
show($o->usort(fn ($x, $y) => $x <=> $y)->toArray(), $o->uasort(fn ($x, $y) => $y <=> $x)->toArray(), $o->uksort(fn ($x, $y) => $x <=> $y)->toArray());
show($o->each(function (&$value, $key) use ($o) {
    $value = "$key:$value of " . count($o);
})->toArray());
thrown(fn () => $o->usort(fn () => throw new LogicException('compared')));
show($o->count(), $o->shuffle()->count(), (new ArrayObject([8]))->randomGet());

$s = $o->serialize();
show((new ArrayObject)->unserialize($s) == $o, unserialize(serialize($o)) == $o, clone $o == $o, (new ArrayObject)->unserialize(serialize(5))->toArray());
class Mine extends ArrayObject
{
    protected static function detectStringType(string $value): StringObject
    {
        return new StringObject("<$value>");
    }
}
$mine = Mine::from(['a', ['b']]);
show($mine::class, (string) $mine->get(0), $mine->get(1)::class, (string) $mine->get(1)->get(0), $mine->values()::class);
show(swoole_array_list(1, 2)->toArray(), swoole_array_default_value(['a' => null], 'a', 1), swoole_array_default_value([], 'a', 1));
thrown(fn () => $o->chunk());
thrown(fn () => new ArrayObject('text'));
?>
--EXPECT--
Swoole\ArrayObject 4 false two [1,2] null false true true
Swoole\StringObject Swoole\ArrayObject 1 7 TWO
Swoole\Exception\ArrayKeyNotExists(0): none
TypeError(0): Illegal offset type
two null b n null null
{"b":"two","a":1,"x":1,"":2} true
b=two a=1 x=1 =2 b ends the outer loop
{"b":"two","a":1,"":2,"k":"v"} []
4 5 [0,3,1,2,4,5,6] 7 6 5 0
[{"x":1},3,"in",1,2,4] [1,2,3] [3,1,2]
true false true 2 1 3 null
7 6 Swoole\StringObject 3-1-2-1 17
[1,2] {"1":1,"2":2,"3":1} [1,3] [3,1,2,1]
[3,1,2] [1,2,1,3] [[3,1,2],[1]] {"3":0,"1":3,"2":2}
{"0":3,"2":2} [3]
[3,2,6,4]
{"1":"a","2":"b"}
{"0":3,"2":2,"3":1} {"0":3,"2":2,"3":1} {"1":2}
asort true {"a":1,"b":2,"C":3}
arsort true {"C":3,"b":2,"a":1}
ksort true {"C":3,"a":1,"b":2}
krsort true {"b":2,"a":1,"C":3}
natsort true {"a":1,"b":2,"C":3}
natcasesort true {"a":1,"b":2,"C":3}
sort true [1,2,3]
rsort true [3,2,1]
[1,2,3] {"2":3,"1":2,"0":1} [1,2,3]
["0:1 of 3","1:2 of 3","2:3 of 3"]
LogicException(0): compared
3 3 8
true true true [5]
Mine <a> Mine <b> Mine
[1,2] null 1
ArgumentCountError(0): Swoole\ArrayObject::chunk() expects at least 1 argument, 0 given
TypeError(0): Swoole\ArrayObject::__construct(): Argument #1 ($array) must be of type array, string given
