--TEST--
go() takes every kind of callable
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use function Swoole\Coroutine\run;
function plain($x) { show('function', $x); }
class Target {
    public static function fixed($x) { show('static', $x); }
    public function method($x) { show('method', $x); }
    public function __invoke($x) { show('invoke', $x); }
}
run(function () {
    $target = new Target;
    Coroutine::create('plain', 1);
    Coroutine::create('Target::fixed', 2);
    Coroutine::create(['Target', 'fixed'], 3);
    Coroutine::create([$target, 'method'], 4);
    Coroutine::create($target, 5);
    Coroutine::create($target->method(...), 7);
    Coroutine::create('show', 8);
});
?>
--EXPECT--
function 1
static 2
static 3
method 4
invoke 5
method 7
8
