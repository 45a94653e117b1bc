--TEST--
The log tells of a channel that ends with coroutines waiting in it
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
$run = run_php(<<<'PHP'
    Swoole\Coroutine::set(['deadlock_check' => false]);
    Swoole\Coroutine\run(function () {
        $channel = new Swoole\Coroutine\Channel(1);
        $channel->push(1);
        $channel->push(2);
    });
    PHP);
show($run->exit, (bool) preg_match('/WARNING\tChannel::~Channel\(\) \(ERRNO 10003\): channel is destroyed, 1 producers will be discarded/', $run->output . $run->errors));
?>
--EXPECT--
0 true
