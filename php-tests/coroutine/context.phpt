--TEST--
getContext(): an object per coroutine, freed with it
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use function Swoole\Coroutine\{go, run};
class Tracer { public function __destruct() { show('freed'); } }
run(function () {
    $context = Coroutine::getContext();
    show(get_class($context), $context instanceof ArrayObject, $context === Coroutine::getContext());
    $context['a'] = 1;
    $id = go(function () {
        $context = Coroutine::getContext();
        show(count($context), isset($context['a']));
        $context['tracer'] = new Tracer;
        unset($context);
        Coroutine::yield();
        show('body ends');
    });
    show(Coroutine::getContext($id)['tracer']::class, Coroutine::getContext()['a'], Coroutine::getContext(999));
    Coroutine::resume($id);
    show('creator');
});
show(Coroutine::getContext());
?>
--EXPECT--
Swoole\Coroutine\Context true true
0 false
Tracer 1 null
body ends
freed
creator
null
