--TEST--
Variables of a coroutine are destroyed when its body ends
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use function Swoole\Coroutine\{go, run};
class Loud {
    public function __construct(private string $name) {}
    public function __destruct() { show('gone', $this->name, Coroutine::getCid()); }
}
run(function () {
    go(function () {
        $local = new Loud('local');
        Coroutine::defer(fn () => show('deferred'));
        show('body');
    });
    show('creator');
});
?>
--EXPECT--
body
gone local 2
deferred
creator
