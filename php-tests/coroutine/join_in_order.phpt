--TEST--
A joiner goes on at the turn's end, after what was deferred before
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\{Coroutine, Event};
use function Swoole\Coroutine\{go, run};
run(function () {
    $id = go(function () {
        Coroutine::sleep(0.001);
        Event::defer(fn () => show('deferred'));
        show('body ends');
    });
    show(Coroutine::join([$id]), Coroutine::exists($id));

    $me = Coroutine::getCid();
    $id = go(function () use ($me) {
        Coroutine::sleep(0.001);
        Event::defer(fn () => Coroutine::cancel($me));
    });
    show(Coroutine::join([$id]), swoole_last_error() === SWOOLE_ERROR_CO_CANCELED, Coroutine::exists($id));

    $id = go(fn () => Coroutine::sleep(0.05));
    show(Coroutine::join([$id], 0.001), swoole_last_error() === SWOOLE_ERROR_CO_TIMEDOUT);
    go(function () use ($id) { show(Coroutine::join([$id])); });
    show(Coroutine::join([$id]), swoole_last_error() === SWOOLE_ERROR_WRONG_OPERATION);
});
?>
--EXPECT--
body ends
deferred
true false
false true false
false true
false true
true
