--TEST--
Values in flight are freed with the channel
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine\Channel;
use function Swoole\Coroutine\run;
class Loud { public function __construct(private int $n) {} public function __destruct() { show('freed', $this->n); } }
run(function () {
    $channel = new Channel(5);
    for ($i = 0; $i < 3; $i++) {
        $channel->push(new Loud($i));
    }
    $channel->pop();
    show('popped');
    $channel = null;
    show('dropped');
});
?>
--EXPECT--
freed 0
popped
freed 1
freed 2
dropped
