--TEST--
What a destructor throws after its coroutine's code has ended is a warning; while that code runs, it is an exception as any other
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use function Swoole\Coroutine\{defer, go, run};

class Thrower
{
    public function __construct(private string $name)
    {
    }

    public function __destruct()
    {
        throw new LogicException($this->name);
    }
}

run(function () {
    go(function () {
        Coroutine::getContext()['object'] = new Thrower('in the context');
        echo "body\n";
    });
    go(function () {
        Coroutine::getContext()['object'] = new Thrower('in the context, after a wait');
        Coroutine::sleep(0.001);
        echo "body, after a wait\n";
    });
    go(function () {
        $object = new Thrower('of a deferred closure');
        defer(function () use ($object) {
            show('deferred', $object::class);
        });
    });
    $object = new Thrower('captured');
    $body = function () use ($object) {
        Coroutine::sleep(0.002);
        show('captured', $object::class);
    };
    unset($object);
    go($body);
    unset($body);
    go(fn () => new Thrower('returned'));
    go(function () {
        try {
            $object = new Thrower('a local variable');
            $object = null;
        } catch (LogicException $error) {
            show('caught', $error->getMessage());
        }
    });
    echo "all others go on\n";
    Coroutine::sleep(0.005);
    echo "to the end\n";
});


$run = run_php(<<<'PHP'
    class Thrower { function __destruct() { throw new LogicException('a local variable'); } }
    Swoole\Coroutine\run(function () {
        Swoole\Coroutine::create(function () {
            $object = new Thrower;
        });
        echo "not reached\n";
    });
    PHP);
show($run->exit, strtok($run->output, "\n"));
?>
--EXPECTF--
body

Warning: Uncaught LogicException: in the context in %s
Stack trace:
#0 [internal function]: Thrower->__destruct()
#1 {main}
  thrown in %s on line %d
deferred Thrower

Warning: Uncaught LogicException: of a deferred closure in %s
Stack trace:
#0 [internal function]: Thrower->__destruct()
#1 {main}
  thrown in %s on line %d

Warning: Uncaught LogicException: returned in %s
Stack trace:
#0 [internal function]: Thrower->__destruct()
#1 {main}
  thrown in %s on line %d
caught a local variable
all others go on
body, after a wait

Warning: Uncaught LogicException: in the context, after a wait in %s
Stack trace:
#0 [internal function]: Thrower->__destruct()
#1 {main}
  thrown in %s on line %d
captured Thrower

Warning: Uncaught LogicException: captured in %s
Stack trace:
#0 [internal function]: Thrower->__destruct()
#1 {main}
  thrown in %s on line %d
to the end
255 Fatal error: Uncaught LogicException: a local variable in %s
