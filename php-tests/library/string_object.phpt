--TEST--
StringObject and MultibyteStringObject
--EXTENSIONS--
mbstring
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\MultibyteStringObject;
use Swoole\StringObject;
$s = swoole_string("  Hello, World \n");
show($s::class, $s->length(), "[$s]", "[{$s->trim()}]", "[{$s->ltrim()}]", "[{$s->rtrim()}]", (string) $s->trim(" \nHd"));
$s = StringObject::from('banana');
show($s->indexOf('an'), $s->indexOf('an', 2), $s->lastIndexOf('an'), $s->pos('x'), $s->rpos('a'), $s->ipos('NA'));
show((string) $s->reverse(), (string) $s->upper(), (string) $s->upper()->lower(), (string) $s->substr(1, 3), (string) $s->substr(-2), (string) $s->repeat(2));
show($s->startsWith('ba'), $s->endsWith('na'), $s->endsWith(''), $s->endsWith('a longer one'), $s->contains('nan'), $s->contains('x'));
show((string) $s->replace('an', 'AN', $count), $count, (string) $s->replace('x', 'y'));
show((string) $s->append('s'), $s->toString(), (string) $s->append(12));
show($s->equals('bananas12'), $s->equals(new StringObject('bananas12'), true), (new StringObject('10'))->equals('1e1'), (new StringObject('10'))->equals('1e1', true));
show($s->split('n')->toArray(), $s->split('n', 2)->toArray(), $s->split('n')::class, $s->chunk(4)->toArray(), (string) $s->chunkSplit(4, '|'));
show($s->char(0), $s->char(-1), $s->char(100), isset($s->string));
class Mine extends StringObject {}
show(Mine::from('a')->upper()::class, (new Mine('a'))->substr(0)::class, (string) (new ReflectionClass(Mine::class))->newInstanceWithoutConstructor());
$m = swoole_mbstring('añb→ñ');
show($m::class, $m->length(), $m->indexOf('ñ'), $m->lastIndexOf('ñ'), $m->pos('x'), $m->rpos('ñ'), $m->ipos('Ñ', 2), (string) $m->substr(1, 2), (string) $m->substr(-1));
show($m->chunk(2)->toArray(), $m->substr(0)::class, $m->contains('→'), $m->indexOf("\xf1", 0, 'ISO-8859-1'));
thrown(fn () => $s->repeat());
thrown(fn () => $s->split(''));
thrown(fn () => $s->append([]));
$t = swoole_table(8, 'id:int, name:string:16 ,score:f');
$t->set('k', ['id' => 3, 'name' => 'n', 'score' => 0.5]);
show($t->get('k'));
foreach (['a:string', 'a:string:0', 'a:what'] as $fields) {
    thrown(fn () => swoole_table(8, $fields));
}
?>
--EXPECTF--
Swoole\StringObject 16 [  Hello, World 
] [Hello, World] [Hello, World 
] [  Hello, World] ello, Worl
1 3 3 false 5 2
ananab BANANA banana ana na bananabanana
true true true false true false
bANANa 2 banana
bananas bananas bananas12
true true true false
["ba","a","as12"] ["ba","anas12"] Swoole\ArrayObject ["bana","nas1","2"] bana|nas1|2|
b 2  false
Mine Mine 
Swoole\MultibyteStringObject 5 1 4 false 4 4 ñb ñ
["añ","b→","ñ"] Swoole\MultibyteStringObject true %a
ArgumentCountError(0): Swoole\StringObject::repeat() expects exactly 1 argument, 0 given
ValueError(0): explode(): Argument #1 ($separator) %s be empty
%A
{"id":3,"name":"n","score":0.5}
RuntimeException(0): need to give string length
RuntimeException(0): invalid string length[0]
RuntimeException(0): unknown field type[what]
