--TEST--
A subclass with a constructor of its own
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine\Channel;
use function Swoole\Coroutine\run;
class Named extends Channel {
    public function __construct(public string $name) { parent::__construct(4); }
}
run(function () {
    $channel = new Named('n');
    $channel->push(1);
    show($channel->name, $channel->capacity, $channel->pop());
});
?>
--EXPECT--
n 4 1
